using System.Globalization;

namespace Facula.CudaEmulator;

internal enum TokenKind { Word, Number, Mark, Text, End }

/// <summary>A word, a number with its bits, or one of PTX's marks.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int Line, int Start, int End, ulong Bits = 0, PtxType Type = PtxType.None)
{
    public bool Is(string mark) => Kind == TokenKind.Mark && Text == mark;
}

/// <summary>Cuts the text of a module into tokens.</summary>
internal static class Lexer
{
    public static List<Token> Read(string text)
    {
        var tokens = new List<Token>();
        int line = 1;
        for (int i = 0; i < text.Length;)
        {
            char c = text[i];
            if (c == '\n') line++;
            if (char.IsWhiteSpace(c))
            {
                i++;
                continue;
            }
            if (c == '/' && i + 1 < text.Length && text[i + 1] is '/' or '*' && c == '/')
            {
                bool single = text[i + 1] == '/';
                int close = text.IndexOf(single ? "\n" : "*/", i + 2, StringComparison.Ordinal);
                if (close < 0 && !single) throw new PtxException(line, "Unterminated comment");
                int next = close < 0 ? text.Length : single ? close : close + 2;
                line += text.AsSpan(i, next - i).Count('\n');
                i = next;
                continue;
            }
            int start = i;
            if (c == '"')
            {
                i = text.IndexOf('"', i + 1) + 1;
                if (i == 0) throw new PtxException(line, "Unterminated string");
                tokens.Add(new(TokenKind.Text, text[start..i], line, start, i));
            }
            else if (char.IsAsciiDigit(c))
            {
                while (i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || text[i] == '.' || (text[i] is '+' or '-' && IsExponent(text, start, i)))) i++;
                (ulong bits, PtxType type) = Number(text[start..i], line);
                tokens.Add(new(TokenKind.Number, text[start..i], line, start, i, bits, type));
            }
            else if (IsWord(c) || c == '.')
            {
                while (i < text.Length && (IsWord(text[i]) || text[i] == '.' || IsScope(text, i))) i += text[i] == ':' ? 2 : 1;
                tokens.Add(new(TokenKind.Word, text[start..i], line, start, i));
            }
            else
            {
                i++;
                tokens.Add(new(TokenKind.Mark, text[start..i], line, start, i));
            }
        }
        tokens.Add(new(TokenKind.End, "end of file", line, text.Length, text.Length));
        return tokens;
    }

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '$' or '%';

    /// <summary>The two colons inside a modifier, as in .shared::cta; a label's one colon is a mark.</summary>
    private static bool IsScope(string text, int i) => text[i] == ':' && i + 2 < text.Length && text[i + 1] == ':' && char.IsAsciiLetter(text[i + 2]);

    private static bool IsExponent(string text, int start, int i) =>
        text[i - 1] is 'e' or 'E' && !text.AsSpan(start).StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        && !text.AsSpan(start).StartsWith("0f", StringComparison.OrdinalIgnoreCase) && !text.AsSpan(start).StartsWith("0d", StringComparison.OrdinalIgnoreCase);

    private static (ulong Bits, PtxType Type) Number(string text, int line)
    {
        string prefix = text.Length > 2 ? text[..2].ToLowerInvariant() : "";
        string digits = text.TrimEnd('U');
        bool read;
        ulong bits;
        if (prefix is "0f" or "0d")
        {
            bool single = prefix == "0f";
            read = ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bits) && text.Length == (single ? 10 : 18);
            if (read) return (bits, single ? PtxType.F32 : PtxType.F64);
        }
        else if (prefix == "0x")
        {
            read = ulong.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bits);
            if (read) return (bits, PtxType.S64);
        }
        else if (prefix == "0b")
        {
            read = ulong.TryParse(digits.AsSpan(2), NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture, out bits);
            if (read) return (bits, PtxType.S64);
        }
        else if (text.Contains('.') || text.Contains('e') || text.Contains('E'))
        {
            read = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value);
            if (read) return (BitConverter.DoubleToUInt64Bits(value), PtxType.F64);
        }
        else
        {
            read = ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out bits);
            if (read) return (bits, PtxType.S64);
        }
        throw new PtxException(line, $"Parsing error near '{text}': syntax error");
    }
}
