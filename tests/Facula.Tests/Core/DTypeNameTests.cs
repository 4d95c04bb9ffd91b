namespace Facula.Tests;

public sealed class DTypeNameTests
{
    [Fact]
    public void Types_have_their_names_and_are_found_by_them()
    {
        foreach (DType type in DType.All)
        {
            Assert.Equal(type, DType.Parse(type.ToString()));
            Assert.Equal(type, DType.Parse(type.PyTorchName));
            Assert.True(type.Equals((object)type) && type.GetHashCode() == DType.Parse(type.ToString()).GetHashCode());
        }
        Assert.False(DType.TryParse("float8", out _));
        Assert.Contains("bfloat16", Assert.Throws<FormatException>(() => DType.Parse("float8")).Message, StringComparison.Ordinal);
    }

    // An enumeration would take a literal 0 where a type is asked for, and make it Bool.
    [Fact]
    public void A_type_is_no_enumeration_and_no_number_becomes_one()
    {
        Assert.False(typeof(DType).IsEnum);
        Assert.DoesNotContain(typeof(DType).GetMethods(), method => method.Name == "op_Implicit" && method.ReturnType == typeof(DType));
    }
}
