using System.Text;

namespace Facula.Tutorial;

/// <summary>Small images as text: two pixels a character, so that a digit is 28 columns by 14 lines.</summary>
public static class DigitArt
{
    private const float Ink = 0.4f;

    /// <summary>Images side by side with a caption under each.</summary>
    /// <param name="images">[count, 1, height, width] of 0 to 1.</param>
    /// <param name="captions">One for each image.</param>
    public static string Draw(Tensor images, IReadOnlyList<string> captions)
    {
        int count = images.Size(0), height = images.Size(2), width = images.Size(3);
        float[] pixels = images.ToArray<float>();
        bool IsInk(int image, int row, int column) => row < height && pixels[(image * height + row) * width + column] > Ink;

        var text = new StringBuilder();
        for (int row = 0; row < height; row += 2)
        {
            for (int image = 0; image < count; image++)
            {
                for (int column = 0; column < width; column++)
                    text.Append((IsInk(image, row, column), IsInk(image, row + 1, column)) switch
                    {
                        (true, true) => '█',
                        (true, false) => '▀',
                        (false, true) => '▄',
                        _ => ' ',
                    });
            }
            text.AppendLine();
        }
        foreach (string caption in captions) text.Append(caption.PadLeft((width + caption.Length) / 2).PadRight(width));
        return text.ToString();
    }
}
