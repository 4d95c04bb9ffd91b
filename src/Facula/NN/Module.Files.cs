using Facula.IO;

namespace Facula.NN;

public abstract partial class Module
{
    /// <summary>Writes the parameters and persistent buffers to a safetensors file, replacing it whole. torch.save of a state dict.</summary>
    public void Save(string path) => SafeTensors.Save(path, StateDict(), new Dictionary<string, string> { ["format"] = "pt" });

    /// <summary>Reads parameters and buffers from a safetensors file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="strict">Whether missing and unexpected names are errors; a wrong shape always is.</param>
    /// <exception cref="InvalidDataException">The file is damaged or none of this kind.</exception>
    /// <exception cref="ArgumentException">Names or shapes differ; the message lists all of them.</exception>
    public LoadResult Load(string path, bool strict = true) => LoadStateDict(SafeTensors.Load(path), strict);
}
