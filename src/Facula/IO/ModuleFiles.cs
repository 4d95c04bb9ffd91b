using Facula.NN;

namespace Facula.IO;

/// <summary>Modules in files: <c>model.Save("digits.safetensors"); model.Load("digits.safetensors");</c> with <c>using Facula.IO;</c></summary>
public static class ModuleFiles
{
    extension(Module module)
    {
        /// <summary>Writes the parameters and persistent buffers to a safetensors file, replacing it whole. torch.save of a state dict.</summary>
        /// <inheritdoc cref="SafeTensors.Save"/>
        public void Save(string path) => SafeTensors.Save(path, Check.NotNull(module).SharedState(), new Dictionary<string, string> { ["format"] = "pt" });

        /// <summary>Reads parameters and buffers from a safetensors file. Nothing is changed unless all fits and has been read.</summary>
        /// <param name="path">The file.</param>
        /// <param name="strict">Whether missing and unexpected names are errors; a wrong shape always is.</param>
        /// <exception cref="InvalidDataException">The file is damaged or none of this kind.</exception>
        /// <exception cref="ArgumentException">Names or shapes differ; the message lists all of them.</exception>
        /// <exception cref="NotSupportedException">A tensor that the module needs is in a type that the library lacks.</exception>
        /// <exception cref="IOException">The file is not there (<see cref="FileNotFoundException"/>) or cannot be read.</exception>
        /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
        public LoadResult Load(string path, bool strict = true)
        {
            Check.NotNull(module);
            using SafeTensors file = SafeTensors.Open(path);
            (LoadResult result, Action load) = module.PrepareLoad(file.Names, name => file[name], strict);
            load();
            return result;
        }
    }
}
