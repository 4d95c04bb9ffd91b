using System.Text.Json;
using System.Text.Json.Nodes;
using Facula;
using Facula.Interop;

// A case comes in on each line, {"operation": name, "arguments": [..]}, and its answer goes out on one: the results, their gradients with and without
// recording, and the gradients of these; or the error. --names lists the operations.
if (args is ["--names"])
{
    Console.WriteLine(string.Join('\n', Table.Operations.Keys));
    return;
}
Stream stdout = Console.OpenStandardOutput();
using var output = new StreamWriter(stdout) { AutoFlush = true };
Console.SetOut(Console.Error);
while (Console.ReadLine() is { } line) output.WriteLine(Answer(line).ToJsonString());

static JsonObject Answer(string line)
{
    using JsonDocument document = JsonDocument.Parse(line);
    JsonElement given = document.RootElement.GetProperty("arguments");
    Func<Arguments, Tensor[]> operation = Table.Operations[document.RootElement.GetProperty("operation").GetString()!];
    var answer = new JsonObject();
    string stage = "results";
    try
    {
        Tensor[] plain;
        using (Autograd.NoGrad()) plain = operation(new(given));
        var arguments = new Arguments(given);
        Tensor[] results = operation(arguments);
        answer["results"] = List(results);
        if (List(plain).ToJsonString() != answer["results"]!.ToJsonString()) answer["plain"] = List(plain);
        if (!results.Any(result => result.RequiresGrad)) return answer;
        stage = "gradients";
        answer["gradients"] = List(First(operation, given, createGraph: false, out _, out _));
        stage = "recorded gradients";
        Tensor[] first = First(operation, given, createGraph: true, out IReadOnlyList<Tensor> leaves, out Tensor[] cotangents);
        answer["recorded"] = List(first);
        stage = "second gradients";
        Tensor[] again = [.. first.Where(gradient => gradient?.RequiresGrad == true)];
        if (again.Length == 0) return answer;
        answer["second"] = List(Autograd.Grad(again, [.. leaves, .. cotangents], [.. again.Select((gradient, i) => Cotangent(gradient, i + 5))], allowUnused: true));
    }
    catch (Exception error) when (error is not OutOfMemoryException)
    {
        answer["error"] = $"{error.GetType().Name}: {error.Message}";
        answer["stage"] = stage;
    }
    return answer;
}

static Tensor[] First(Func<Arguments, Tensor[]> operation, JsonElement given, bool createGraph, out IReadOnlyList<Tensor> leaves, out Tensor[] cotangents)
{
    var arguments = new Arguments(given);
    Tensor[] results = [.. operation(arguments).Where(result => result.RequiresGrad)];
    leaves = arguments.Leaves;
    cotangents = [.. results.Select(Cotangent)];
    foreach (Tensor cotangent in cotangents) cotangent.RequiresGrad = createGraph;
    return Autograd.Grad(results, leaves, cotangents, createGraph: createGraph, allowUnused: true);
}

// compare.py makes the same; all are exact in every floating-point type.
static Tensor Cotangent(Tensor result, int number)
{
    var values = new float[result.Count];
    for (int i = 0; i < values.Length; i++) values[i] = ((i * 37 + number * 17 + 11) % 19 - 9) / 8f;
    return Tensor.From<float>(values, result.Shape).To(result.DType);
}

static JsonArray List(IEnumerable<Tensor?> tensors) => [.. tensors.Select(tensor => tensor is null ? null : TensorBytes.Write(tensor))];
