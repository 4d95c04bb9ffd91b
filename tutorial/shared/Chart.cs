using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Facula.Tutorial;

/// <summary>Curves in an SVG file.</summary>
public static class Chart
{
    private const double Width = 640, Height = 400;

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
        var plot = new PlotModel { Title = title, Background = OxyColors.White };
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = "epoch", MinimumMajorStep = 1, MinimumMinorStep = 1, MinimumPadding = 0.03, MaximumPadding = 0.03 });
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Title = leftTitle, Key = leftTitle, MajorGridlineStyle = LineStyle.Dot });
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Right, Title = rightTitle, Key = rightTitle });
        plot.Legends.Add(new Legend { LegendPosition = LegendPosition.BottomCenter, LegendPlacement = LegendPlacement.Outside, LegendOrientation = LegendOrientation.Horizontal });
        foreach ((string name, IEnumerable<double> values) in left) plot.Series.Add(Curve(name, values, leftTitle, LineStyle.Solid));
        foreach ((string name, IEnumerable<double> values) in right) plot.Series.Add(Curve(name, values, rightTitle, LineStyle.Dash));
        using FileStream file = File.Create(path);
        new SvgExporter { Width = Width, Height = Height }.Export(plot, file);
    }

    private static LineSeries Curve(string name, IEnumerable<double> values, string axis, LineStyle style)
    {
        var series = new LineSeries { Title = name, YAxisKey = axis, LineStyle = style, MarkerType = MarkerType.Circle };
        series.Points.AddRange(values.Select((value, i) => new DataPoint(i, value)));
        return series;
    }
}
