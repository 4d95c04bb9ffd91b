using Facula.NN;

namespace Facula.Tests.Devices;

/// <summary>Every module on every device: results, gradients and what it remembers are those of the processor, and stay on the device.</summary>
public sealed class DeviceModuleTests
{
    /// <summary>Activations need no line: they are made with their defaults.</summary>
    private static IEnumerable<ModuleCase> Activations => typeof(Activation).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(Activation)))
        .Select(type => (type, constructor: type.GetConstructors()[0]))
        .Where(made => made.constructor.GetParameters().All(parameter => parameter.HasDefaultValue))
        .Select(made => ModuleCase.Of(() => (Module)made.constructor.Invoke([.. made.constructor.GetParameters().Select(Default)]), 3, 4));

    private static object? Default(System.Reflection.ParameterInfo parameter) =>
        parameter.ParameterType.IsEnum ? Enum.ToObject(parameter.ParameterType, parameter.DefaultValue!) : parameter.DefaultValue;

    private static readonly Dictionary<string, ModuleCase> Cases = ModuleCase.All.Concat(Activations).ToDictionary(c => c.New().GetType().Name);

    [Fact]
    public void Every_module_has_a_case()
    {
        string[] containers = [typeof(ModuleList<>).Name, typeof(ModuleDict<>).Name, nameof(ParameterList)];
        Assert.Empty(typeof(Module).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(Module)) && !type.IsAbstract)
            .Select(type => type.Name).Except(Cases.Keys).Except(containers));
    }

    public static TheoryData<string, string> Names { get; } = [.. TestDevices.Names.SelectMany(device => Cases.Keys.Select(name => (device, name)))];

    [Theory, MemberData(nameof(Names))]
    public void Module_does_what_it_does_on_the_processor(string device, string name) => Assert.Empty(Cases[name].Differences(TestDevices.Find(device)));
}
