using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Facula.Tutorial;

/// <summary>Curves in an SVG file.</summary>
public static class Chart
{
    private const double Width = 640, Height = 400;

    // The viewer chooses among what it has; none of these has wider letters than WideText supposes.
    private const string Fonts = "Verdana, DejaVu Sans, Arial, sans-serif";

    /// <summary>Draws curves over the epochs, numbered from 0, and writes them to a file.</summary>
    /// <param name="path">The SVG file.</param>
    /// <param name="title">What stands above.</param>
    /// <param name="left">Curves with the scale on the left: name and values.</param>
    /// <param name="leftTitle">What the left scale measures.</param>
    /// <param name="right">Curves with the scale on the right.</param>
    /// <param name="rightTitle">What the right scale measures.</param>
    public static void Save(string path, string title, IEnumerable<(string Name, IEnumerable<double> Values)> left, string leftTitle,
        IEnumerable<(string Name, IEnumerable<double> Values)> right, string rightTitle)
    {
        var plot = new PlotModel { Title = title, TitleFontSize = 16, DefaultFont = Fonts, Background = OxyColors.White, Padding = new OxyThickness(12) };
        plot.Axes.Add(Scale(AxisPosition.Bottom, "epoch",
            new LinearAxis { MinimumMajorStep = 1, MinimumMinorStep = 1, MinimumPadding = 0.03, MaximumPadding = 0.03 }));
        plot.Axes.Add(Scale(AxisPosition.Left, leftTitle, new LinearAxis { MajorGridlineStyle = LineStyle.Dot }));
        plot.Axes.Add(Scale(AxisPosition.Right, rightTitle, new LinearAxis()));
        plot.Legends.Add(new Legend
        {
            LegendPosition = LegendPosition.BottomCenter,
            LegendPlacement = LegendPlacement.Outside,
            LegendOrientation = LegendOrientation.Horizontal,
            LegendMargin = 12,
            LegendLineSpacing = 6,
        });
        foreach ((string name, IEnumerable<double> values) in left) plot.Series.Add(Curve(name, values, leftTitle, LineStyle.Solid));
        foreach ((string name, IEnumerable<double> values) in right) plot.Series.Add(Curve(name, values, rightTitle, LineStyle.Dash));
        using FileStream file = File.Create(path);
        // Not every viewer knows dominant-baseline, by which text is placed otherwise.
        new SvgExporter { Width = Width, Height = Height, TextMeasurer = new WideText(), UseVerticalTextAlignmentWorkaround = true }.Export(plot, file);
    }

    private static LinearAxis Scale(AxisPosition position, string title, LinearAxis axis)
    {
        (axis.Position, axis.Title, axis.Key, axis.AxisTitleDistance) = (position, title, title, 8);
        return axis;
    }

    private static LineSeries Curve(string name, IEnumerable<double> values, string axis, LineStyle style)
    {
        var series = new LineSeries { Title = name, YAxisKey = axis, LineStyle = style, MarkerType = MarkerType.Circle };
        series.Points.AddRange(values.Select((value, i) => new DataPoint(i, value)));
        return series;
    }

    // Nobody knows which font a viewer will have. So text gets the room that Verdana and DejaVu Sans take, the widest that are common;
    // narrower ones leave some of it empty.
    private sealed class WideText() : PdfRenderContext(Width, Height, OxyColors.White)
    {
        public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight) =>
            new((text ?? "").Length * fontSize * (fontWeight > FontWeights.Normal ? 0.76 : 0.66), 0.9 * fontSize);
    }
}
