using System.Text;

namespace Facula.Generators;

/// <summary>Turns the name of a C# member into the key PyTorch would have for it.</summary>
static class StateName
{
    /// <summary><c>RunningMean</c> is <c>running_mean</c>, <c>_linear1</c> is <c>linear1</c>, <c>QKVProj</c> is <c>qkv_proj</c>.</summary>
    public static string Of(string memberName)
    {
        string name = memberName.TrimStart('_');
        if (name.Length == 0)
            return memberName;

        var key = new StringBuilder(name.Length + 4);
        for (int i = 0; i < name.Length; i++)
        {
            if (i > 0 && StartsWord(name, i))
                key.Append('_');
            key.Append(char.ToLowerInvariant(name[i]));
        }
        return key.ToString();
    }

    // A capital starts a word after a small letter or a digit (digits belong to the letters before them), and a run of
    // capitals gives its last one to the small letters that follow.
    static bool StartsWord(string name, int i)
    {
        if (!char.IsUpper(name[i]) || name[i - 1] == '_')
            return false;
        return !char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1]));
    }
}
