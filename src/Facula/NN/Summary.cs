using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Facula.NN;

/// <summary>An overview of a model as a table.</summary>
public static class ModuleSummary
{
    extension<TOut>(Module<Tensor, TOut> module)
    {
        /// <summary>
        /// A table of the module and all within it: output shapes, found by running it on zeros, and numbers of parameters; below it the
        /// totals and the memory they take. The module is left as it was.
        /// </summary>
        /// <param name="inputShape">The shape of an input, with the batch.</param>
        /// <param name="dtype">The type of an input; that of the parameters, or float32, if left out.</param>
        public string Summary(Shape inputShape, DType? dtype = null)
        {
            IReadOnlyList<Parameter> parameters = Check.NotNull(module).Parameters();
            Parameter? sample = parameters.FirstOrDefault(p => p.DType.IsFloatingPoint);
            Tensor input = Tensor.Zeros(inputShape, dtype ?? sample?.DType ?? DType.Float32, sample?.Device);
            Dictionary<Module, (string Shape, long Bytes)> outputs = Observe(module, input);

            var rows = new List<(string Layer, string Shape, string Count)> { ("Layer", "Output shape", "Parameters") };
            var seen = new HashSet<Module>();
            long bytes = 0;
            Visit("", "", module.TypeName, module);
            Tensor[] state = [.. parameters, .. module.Buffers()];
            string footer = $"Parameters: {Number(parameters.Sum(p => p.Count))}, of which {Number(parameters.Where(p => p.RequiresGrad).Sum(p => p.Count))} " +
                $"are trained\nMemory: input {Size(BytesOf(input))}, outputs {Size(bytes)}, parameters and buffers {Size(state.Sum(BytesOf))}\n";
            return Table(rows, footer);

            void Visit(string before, string below, string label, Module part)
            {
                bool isFirst = seen.Add(part);
                IReadOnlyList<(string Name, Module Module)> children = part.AllChildren;
                long count = part.Parameters(recurse: false).Sum(p => p.Count);
                outputs.TryGetValue(part, out (string Shape, long Bytes) output);
                if (isFirst && children.Count == 0) bytes += output.Bytes;
                rows.Add((before + label, output.Shape ?? "-", !isFirst ? "shared" : count > 0 ? Number(count) : "-"));
                for (int i = 0; isFirst && i < children.Count; i++)
                {
                    bool isLast = i == children.Count - 1;
                    Visit(below + (isLast ? "└─ " : "├─ "), below + (isLast ? "   " : "│  "), $"{children[i].Name}: {children[i].Module.TypeName}",
                        children[i].Module);
                }
            }
        }
    }

    private static Dictionary<Module, (string Shape, long Bytes)> Observe<TOut>(Module<Tensor, TOut> module, Tensor input)
    {
        var outputs = new Dictionary<Module, (string, long)>();
        IReadOnlyList<Module> modules = module.Modules();
        bool[] modes = [.. modules.Select(part => part.IsTraining)];
        var hooks = new List<IDisposable?>();
        try
        {
            foreach (Module part in modules) hooks.Add(part.Observe((of, output) => outputs[of] = Describe(output)));
            using GradModeScope scope = Autograd.NoGrad();
            module.Eval().Call(input);
        }
        finally
        {
            foreach (IDisposable? hook in hooks) hook?.Dispose();
            for (int i = 0; i < modes.Length; i++) modules[i].IsTraining = modes[i];
        }
        return outputs;
    }

    private static (string Shape, long Bytes) Describe(object? output)
    {
        if (output is Tensor tensor) return (tensor.Shape.ToString(), BytesOf(tensor));
        if (output is not ITuple tuple) return ("-", 0);
        var parts = Enumerable.Range(0, tuple.Length).Select(i => Describe(tuple[i])).ToList();
        return ($"({string.Join(", ", parts.Select(part => part.Shape))})", parts.Sum(part => part.Bytes));
    }

    private static string Table(List<(string Layer, string Shape, string Count)> rows, string footer)
    {
        int first = rows.Max(row => row.Layer.Length) + 2, second = rows.Max(row => row.Shape.Length) + 2, third = rows.Max(row => row.Count.Length);
        string rule = new('─', first + second + third);
        var text = new StringBuilder();
        for (int i = 0; i < rows.Count; i++)
        {
            text.Append(rows[i].Layer.PadRight(first)).Append(rows[i].Shape.PadRight(second)).Append(rows[i].Count.PadLeft(third)).Append('\n');
            if (i == 0) text.Append(rule).Append('\n');
        }
        return text.Append(rule).Append('\n').Append(footer).ToString();
    }

    private static long BytesOf(Tensor tensor) => tensor.Count * tensor.DType.Size;

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Size(long bytes) => bytes switch
    {
        < 1 << 10 => $"{bytes} B",
        < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:F1} KiB"),
        < 1 << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F1} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1073741824.0:F1} GiB"),
    };
}
