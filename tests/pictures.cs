#!/usr/bin/env -S dotnet run -c Release
#:project ../tutorial/shared/Tutorial.csproj

// Looks at the repository's pictures, and at charts as the tutorial draws them, as two viewers show them: no text may be missing, cut off,
// outside the picture or over other text, and shapes that touch must leave no gap. Viewers differ in their fonts and in what of SVG they know, so what one
// shows says little of another.
//
//     dotnet run tests/pictures.cs [-- FILE.svg ...]         without files: all in docs, and charts of several kinds
//
// Needs Chromium and rsvg-convert (Debian: apt-get install chromium librsvg2-bin).
using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Xml.Linq;
using Facula.Tutorial;

string folder = Directory.CreateTempSubdirectory("facula-pictures-").FullName;
try
{
    string docs = Path.Combine((string)AppContext.GetData("EntryPointFileDirectoryPath")!, "..", "docs");
    List<string> pictures = args.Length > 0 ? [.. args] : [.. Directory.EnumerateFiles(docs, "*.svg", SearchOption.AllDirectories).Order(), .. Charts()];
    Viewer[] viewers = [Viewer.Chromium(folder), Viewer.Rsvg];
    int faults = 0;
    foreach (string path in pictures)
    {
        var picture = new Picture(path);
        foreach (Viewer viewer in viewers)
        {
            List<string> found = [.. picture.Faults(viewer, folder)];
            faults += found.Count;
            Console.WriteLine($"{(found.Count == 0 ? "ok" : "FAULTY")}: {Path.GetFileName(path)} in {viewer.Name}, {picture.Texts} texts");
            foreach (string fault in found) Console.WriteLine($"    {fault}");
        }
    }
    return faults == 0 ? 0 : 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}


// What a chapter may have to draw: the usual, a single epoch, many, values with many digits, a diverged loss.
IEnumerable<string> Charts()
{
    yield return Draw("usual", 10, i => 1.76 / (1 + 0.3 * i), i => 0.44 + 0.03 * i);
    yield return Draw("one-epoch", 1, _ => 2.3026, _ => 0.1);
    yield return Draw("many-epochs", 150, i => 1e-5 * Math.Exp(-0.01 * i), i => 0.9 + 0.0001 * i);
    yield return Draw("large-values", 5, i => 12345678.9 * (i + 1), i => 0.1234567 + 1e-6 * i);
    yield return Draw("constant", 3, _ => 1, _ => 1);

    string Draw(string name, int epochs, Func<int, double> loss, Func<int, double> accuracy)
    {
        string path = Path.Combine(folder, name + ".svg");
        IEnumerable<double> Values(Func<int, double> f) => Enumerable.Range(0, epochs).Select(f);
        Chart.Save(path, "A convolutional network on CIFAR-10", [("training loss", Values(loss)), ("validation loss", Values(i => 1.1 * loss(i)))], "loss",
            [("validation accuracy", Values(accuracy))], "accuracy");
        return path;
    }
}

/// <summary>A program that makes a PNG file of an SVG file.</summary>
sealed record Viewer(string Name, Func<string, string, int, int, (string Program, string[] Arguments)> Command)
{
    public static Viewer Rsvg { get; } = new("rsvg-convert", (svg, png, _, _) => ("rsvg-convert", ["--background-color=white", "-o", png, svg]));

    public static Viewer Chromium(string folder) => new("Chromium", (svg, png, width, height) => ("chromium",
        ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1",
            $"--user-data-dir={Path.Combine(folder, "chromium")}",
            $"--window-size={width},{height}", $"--screenshot={png}", svg]));

    /// <summary>How dark each pixel is, from 0 to 255.</summary>
    public Image Show(XElement svg, int width, int height, string folder)
    {
        string source = Path.Combine(folder, "shown.svg"), target = Path.Combine(folder, "shown.png");
        svg.Save(source);
        File.Delete(target);
        (string program, string[] arguments) = Command(source, target, width, height);
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} did not end.");
        }
        if (!File.Exists(target)) throw new InvalidOperationException($"{program} drew nothing: {output.Result}{error.Result}");
        Image image = Image.Read(target);
        return image.Width == width && image.Height == height ? image
            : throw new InvalidOperationException($"{program} drew {image.Width} x {image.Height}, not {width} x {height}.");
    }
}

/// <summary>Pixels of a PNG file, as darkness: 0 is white.</summary>
sealed record Image(int Width, int Height, byte[] Darkness)
{
    public int this[int x, int y] => Darkness[y * Width + x];

    public static Image Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int width = 0, height = 0, channels = 0;
        using var packed = new MemoryStream();
        for (int at = 8; at < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            ReadOnlySpan<byte> kind = file.AsSpan(at + 4, 4), content = file.AsSpan(at + 8, length);
            if (kind.SequenceEqual("IHDR"u8))
            {
                (width, height) = (BinaryPrimitives.ReadInt32BigEndian(content), BinaryPrimitives.ReadInt32BigEndian(content[4..]));
                channels = (content[8], content[9], content[12]) switch
                {
                    (8, 2, 0) => 3,
                    (8, 6, 0) => 4,
                    _ => throw new NotSupportedException("Only PNG files of 8 bits, in colour and not interlaced, are read."),
                };
            }
            else if (kind.SequenceEqual("IDAT"u8)) packed.Write(content);
            at += length + 12;
        }
        packed.Position = 0;
        using var unpacked = new ZLibStream(packed, CompressionMode.Decompress);
        var darkness = new byte[width * height];
        byte[] row = new byte[width * channels], above = new byte[width * channels];
        for (int y = 0; y < height; y++)
        {
            int filter = unpacked.ReadByte();
            unpacked.ReadExactly(row);
            for (int i = 0; i < row.Length; i++)
            {
                int left = i >= channels ? row[i - channels] : 0, up = above[i], corner = i >= channels ? above[i - channels] : 0;
                row[i] += (byte)(filter switch { 0 => 0, 1 => left, 2 => up, 3 => (left + up) / 2, _ => Paeth(left, up, corner) });
            }
            for (int x = 0; x < width; x++) darkness[y * width + x] = (byte)(255 - (row[x * channels] + row[x * channels + 1] + row[x * channels + 2]) / 3);
            (row, above) = (above, row);
        }
        return new(width, height, darkness);
    }

    private static int Paeth(int left, int up, int corner)
    {
        int fromLeft = Math.Abs(up - corner), fromUp = Math.Abs(left - corner), fromCorner = Math.Abs(left + up - 2 * corner);
        return fromLeft <= fromUp && fromLeft <= fromCorner ? left : fromUp <= fromCorner ? up : corner;
    }
}

/// <summary>An SVG file, and what may be wrong with how it is shown.</summary>
sealed class Picture
{
    private const int Margin = 60, Columns = 4, Ink = 64;
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private readonly XElement _root;
    private readonly int _width, _height;

    public Picture(string path)
    {
        _root = XDocument.Load(path).Root!;
        (_width, _height) = (Size("width"), Size("height"));
        int Size(string name) => (int)Math.Ceiling(double.Parse(_root.Attribute(name)!.Value, CultureInfo.InvariantCulture));
    }

    public int Texts => _root.Descendants(Svg + "text").Count();

    public IEnumerable<string> Faults(Viewer viewer, string folder)
    {
        List<string> words = [.. _root.Descendants(Svg + "text").Select(text => $"\"{text.Value}\"")];
        foreach (string text in words)
        {
            if (text.AsSpan().ContainsAnyInRange('\u2580', '\u259F')) yield return $"{text} draws with characters, whose size depends on the font";
        }
        List<Box?> whole = TextBoxes(viewer, folder, clipped: false);
        List<Box?> seen = _root.Descendants(Svg + "clipPath").Any() ? TextBoxes(viewer, folder, clipped: true) : whole;
        for (int i = 0; i < words.Count; i++)
        {
            if (whole[i] is not { } box) yield return $"{words[i]} is not to be seen";
            else if (box.Left < 1 || box.Top < 1 || box.Right > _width - 1 || box.Bottom > _height - 1) yield return $"{words[i]} leaves the picture: {box}";
            else if (seen[i] != box) yield return $"{words[i]} is cut off: {seen[i]} is left of {box}";
            for (int j = 0; j < i; j++)
            {
                if (whole[i] is { } a && whole[j] is { } b && a.Left <= b.Right && b.Left <= a.Right && a.Top <= b.Bottom && b.Top <= a.Bottom)
                    yield return $"{words[i]} lies over {words[j]}: {a}, {b}";
            }
        }
        if (_root.Elements(Svg + "path").Any())
        {
            foreach (double scale in (double[])[1, 1.37, 2])
            {
                int gaps = Gaps(viewer, folder, scale);
                if (gaps > 0) yield return $"shapes have gaps of {gaps} pixels between their parts at scale {scale}";
            }
        }
    }

    /// <summary>Where the ink of each text is: each drawn in a field of its own, in black, with nothing else.</summary>
    private List<Box?> TextBoxes(Viewer viewer, string folder, bool clipped)
    {
        int width = _width + 2 * Margin, height = _height + 2 * Margin, rows = (Texts + Columns - 1) / Columns;
        var sheet = new XElement(Svg + "svg", new XAttribute("width", Columns * width), new XAttribute("height", rows * height));
        for (int i = 0; i < Texts; i++)
        {
            var field = new XElement(_root);
            XElement text = field.Descendants(Svg + "text").ElementAt(i);
            text.SetAttributeValue("fill", "black");
            HashSet<XElement> kept = [.. text.AncestorsAndSelf(),
                .. field.Descendants(Svg + "clipPath").SelectMany(clip => clip.DescendantsAndSelf().Concat(clip.Ancestors()))];
            foreach (XElement other in field.Descendants().Where(element => !kept.Contains(element)).ToList()) other.Remove();
            if (!clipped) foreach (XElement element in field.DescendantsAndSelf()) element.SetAttributeValue("clip-path", null);
            (string Name, int Value)[] place = [("x", i % Columns * width), ("y", i / Columns * height), ("width", width), ("height", height)];
            foreach ((string name, int value) in place) field.SetAttributeValue(name, value);
            field.SetAttributeValue("viewBox", $"{-Margin} {-Margin} {width} {height}");
            sheet.Add(field);
        }
        Image image = viewer.Show(sheet, Columns * width, rows * height, folder);
        return [.. Enumerable.Range(0, Texts).Select(i => Box.OfInk(image, i % Columns * width, i / Columns * height, width, height, Ink)?.Moved(-Margin))];
    }

    /// <summary>Pixels on which a shape is interrupted although it goes on at both sides: the picture has no details so small.</summary>
    private int Gaps(Viewer viewer, string folder, double scale)
    {
        int width = (int)(_width * scale), height = (int)(_height * scale);
        var shapes = new XElement(_root);
        foreach (XElement other in shapes.Elements().Where(element => element.Name != Svg + "path").ToList()) other.Remove();
        foreach (XElement path in shapes.Elements()) path.SetAttributeValue("fill", "black");
        shapes.SetAttributeValue("width", width);
        shapes.SetAttributeValue("height", height);
        Image image = viewer.Show(shapes, width, height, folder);
        int gaps = 0;
        for (int y = 2; y < height - 2; y++)
        {
            for (int x = 2; x < width - 2; x++)
            {
                if (image[x, y] < 250 && (image[x - 2, y] > 250 && image[x + 2, y] > 250 || image[x, y - 2] > 250 && image[x, y + 2] > 250)) gaps++;
            }
        }
        return gaps;
    }
}

/// <summary>A rectangle of pixels, all four of its sides within it.</summary>
readonly record struct Box(int Left, int Top, int Right, int Bottom)
{
    public static Box? OfInk(Image image, int x0, int y0, int width, int height, int least)
    {
        var box = new Box(int.MaxValue, int.MaxValue, -1, -1);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                if (image[x0 + x, y0 + y] >= least) box = new(Math.Min(box.Left, x), Math.Min(box.Top, y), Math.Max(box.Right, x), Math.Max(box.Bottom, y));
            }
        }
        return box.Right < 0 ? null : box;
    }

    public Box Moved(int by) => new(Left + by, Top + by, Right + by, Bottom + by);

    public override string ToString() => $"({Left}, {Top}) to ({Right}, {Bottom})";
}
