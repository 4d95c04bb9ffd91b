using System.Collections;
using System.Globalization;

namespace Facula.NN;

/// <summary>Parameters in a list, which is how a module keeps an open number of them. torch.nn.ParameterList.</summary>
public class ParameterList : Module, IReadOnlyList<Parameter>
{
    private List<Parameter> _parameters = [];

    /// <summary>The parameters in order.</summary>
    public ParameterList(params IEnumerable<Parameter> parameters)
    {
        foreach (Parameter parameter in Check.NotNull(parameters, operation: "ParameterList")) Add(parameter);
    }

    /// <summary>The number of parameters.</summary>
    public int Count => _parameters.Count;

    /// <summary>The parameter at a place.</summary>
    public Parameter this[int index]
    {
        get => _parameters[Check.Index(index, Count, "ParameterList")];
        set => _parameters[Check.Index(index, Count, "ParameterList")] = ModuleName.NotNull(value);
    }

    /// <summary>Takes one more parameter.</summary>
    public void Add(Parameter parameter) => _parameters.Add(ModuleName.NotNull(parameter));

    /// <inheritdoc/>
    protected internal override void VisitMembers(MemberVisitor visitor)
    {
        for (int i = 0; i < _parameters.Count; i++) visitor.Parameter(i.ToString(CultureInfo.InvariantCulture), _parameters[i]);
    }

    /// <inheritdoc/>
    protected internal override void CloneMembers(ModuleCloner cloner) => _parameters = [.. _parameters.Select(cloner.Of)];

    /// <inheritdoc/>
    protected override string ExtraText => string.Join('\n', _parameters.Select((p, i) =>
        $"  ({i}): Parameter containing: [torch.{p.DType.PyTorchName} of size {string.Join('x', p.Shape)}]"));

    /// <summary>The parameters in order.</summary>
    public IEnumerator<Parameter> GetEnumerator() => _parameters.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
