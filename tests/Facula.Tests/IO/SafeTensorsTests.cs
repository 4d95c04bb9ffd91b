using System.Text;
using CsCheck;
using Facula.IO;

namespace Facula.Tests.IO;

public class SafeTensorsTests
{
    [Fact]
    public void Every_type_and_shape_comes_back()
    {
        using var folder = new TemporaryFolder();
        var tensors = new OrderedDictionary<string, Tensor>();
        foreach (DType type in Enum.GetValues<DType>()) tensors.Add(type.ToString(), Tensor.Arange(6).Reshape(2, 3).To(type));
        tensors.Add("empty", Tensor.Zeros(0, 4));
        tensors.Add("number", Tensor.From(2.5));
        tensors.Add("transposed", Tensor.Arange(6).Reshape(2, 3).T);
        SafeTensors.Save(folder.File("all.safetensors"), tensors, new Dictionary<string, string> { ["format"] = "pt", ["é\"\n"] = "ü" });

        OrderedDictionary<string, Tensor> read = SafeTensors.Load(folder.File("all.safetensors"));
        Assert.Equal(tensors.Keys.Order(), read.Keys.Order());
        foreach ((string name, Tensor tensor) in tensors)
        {
            Assert.Equal(tensor.DType, read[name].DType);
            Assert.Equal(tensor.Shape, read[name].Shape);
            Assert.Equal(tensor.ToArray<double>(), read[name].ToArray<double>());
        }
        using SafeTensors file = SafeTensors.Open(folder.File("all.safetensors"));
        Assert.Equal("ü", file.Metadata["é\"\n"]);
        Assert.Throws<KeyNotFoundException>(() => file["none"]);
    }

    [Fact]
    public void Reads_what_others_wrote()
    {
        string path = Repository.SharedOrSkip("interchange", "burn", "mnist.safetensors");
        OrderedDictionary<string, Tensor> network = SafeTensors.Load(path);
        Assert.NotEmpty(network);
        Assert.All(network.Values, tensor => Assert.False(tensor.IsNaN().Any().Item<bool>()));
    }

    [Fact]
    public void Damaged_files_are_only_ever_InvalidDataException()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("x.safetensors");
        SafeTensors.Save(path, new Dictionary<string, Tensor> { ["a"] = Tensor.Arange(10), ["b"] = Tensor.Ones(2, 2) });
        byte[] good = File.ReadAllBytes(path);
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length]).Sample((at, value, length) =>
        {
            byte[] bad = (byte[])good.Clone();
            bad[at] = value;
            string mutated = folder.Write("mutated" + Environment.CurrentManagedThreadId, bad[..(length % 3 == 0 ? length : good.Length)]);
            try
            {
                SafeTensors.Load(mutated);
            }
            catch (InvalidDataException e)
            {
                Assert.Contains(mutated, e.Message);
            }
        }, iter: 3000);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2147483647,2147483647,8],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,400]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F4","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""")]
    [InlineData("[]")]
    [InlineData("{")]
    public void Lying_headers_are_refused(string header)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("lie", [.. BitConverter.GetBytes((long)header.Length), .. Encoding.UTF8.GetBytes(header), 0, 0, 0, 0]);
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => SafeTensors.Load(path)).Message);
    }
}
