using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Facula.Generators;

/// <summary>Reports modules whose state the generator cannot register, or that train something else than their author meant.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ModuleAnalyzer : DiagnosticAnalyzer
{
    static readonly DiagnosticDescriptor s_notPartial = Rule("FAC001", DiagnosticSeverity.Error, "A module must be partial",
        "Module '{0}' has parameters, buffers or children that generated code must register: {1}");

    static readonly DiagnosticDescriptor s_hiddenLayers = Rule("FAC002", DiagnosticSeverity.Error, "Layers are kept out of sight",
        "The layers or parameters inside '{0}' would be neither trained nor saved: keep them in a ModuleList, ModuleDict or ParameterList");

    static readonly DiagnosticDescriptor s_capturedLayer = Rule("FAC003", DiagnosticSeverity.Error, "A layer is captured from a primary constructor",
        "The constructor parameter '{0}' is captured, so what it holds would be neither trained nor saved: assign it to a field, and use that");

    static readonly DiagnosticDescriptor s_layerInForward = Rule("FAC004", DiagnosticSeverity.Warning, "A layer is created in Forward",
        "Forward makes a new, untrained '{0}' at every call: create it once, in the constructor or a field initializer");

    static readonly DiagnosticDescriptor s_sameName = Rule("FAC005", DiagnosticSeverity.Error, "Two members have the same state name",
        "Both '{0}' and '{1}' would be saved as \"{2}\": rename one of them, or mark it [StateName(\"...\")]");

    static readonly DiagnosticDescriptor s_looseTensor = Rule("FAC006", DiagnosticSeverity.Warning, "A tensor is not part of the module's state",
        "The tensor '{0}' is not part of the state: make it a Parameter, mark it [Buffer], or mark it [Buffer(Persistent = false)]");

    static readonly DiagnosticDescriptor s_idleBuffer = Rule("FAC007", DiagnosticSeverity.Warning, "[Buffer] has no effect here",
        "[Buffer] on '{0}' has no effect: put it on an instance field or auto-property of type Tensor in a module");

    static readonly SymbolDisplayFormat s_withType = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameOnly, memberOptions: SymbolDisplayMemberOptions.IncludeContainingType);

    static DiagnosticDescriptor Rule(string id, DiagnosticSeverity severity, string title, string message) =>
        new(id, title, message, "Facula", severity, isEnabledByDefault: true);

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [s_notPartial, s_hiddenLayers, s_capturedLayer, s_layerInForward, s_sameName, s_looseTensor, s_idleBuffer];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterSymbolAction(CheckModule, SymbolKind.NamedType);
        context.RegisterSymbolAction(CheckBuffer, SymbolKind.Field, SymbolKind.Property);
        context.RegisterOperationAction(CheckCapture, OperationKind.ParameterReference);
        context.RegisterOperationAction(CheckCreation, OperationKind.ObjectCreation);
    }

    static void CheckModule(SymbolAnalysisContext context)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (!ModuleSymbols.IsModule(type.BaseType) || ModuleSymbols.RegistersByHand(type))
            return;

        var names = new Dictionary<string, StateMember>();
        foreach (var member in InheritedState(type.BaseType!))
            names[member.Name] = member;

        bool registers = false;
        foreach (var member in StateMember.Of(type))
        {
            if (member.Kind == StateKind.HiddenLayers)
                Report(s_hiddenLayers, member.Symbol, member.Symbol.Name);
            else if (member.Kind == StateKind.LooseTensor)
                Report(s_looseTensor, member.Symbol, member.Symbol.Name);
            else if (member.IsRegistered)
            {
                registers = true;
                if (names.TryGetValue(member.Name, out var other))
                    Report(s_sameName, member.Symbol, other.Symbol.ToDisplayString(s_withType), member.Symbol.ToDisplayString(s_withType), member.Name);
                names[member.Name] = member;
            }
        }
        if (registers && ModuleSymbols.Obstacle(type, context.CancellationToken) is { } remedy)
            Report(s_notPartial, type, type.Name, remedy);

        void Report(DiagnosticDescriptor rule, ISymbol at, params object[] arguments) =>
            context.ReportDiagnostic(Diagnostic.Create(rule, at.Locations[0], arguments));
    }

    static IEnumerable<StateMember> InheritedState(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? t = type; t is not null && ModuleSymbols.IsModule(t); t = t.BaseType)
            if (!ModuleSymbols.RegistersByHand(t))
                foreach (var member in StateMember.Of(t.OriginalDefinition).Where(m => m.IsRegistered))
                    yield return member;
    }

    static void CheckBuffer(SymbolAnalysisContext context)
    {
        var symbol = context.Symbol;
        if (!symbol.GetAttributes().Any(a => ModuleSymbols.IsNamed(a.AttributeClass, "BufferAttribute")))
            return;
        bool used = ModuleSymbols.IsModule(symbol.ContainingType.BaseType)
            && StateMember.Of(symbol.ContainingType).Any(m => m.Kind == StateKind.Buffer && SymbolEqualityComparer.Default.Equals(m.Symbol, symbol));
        if (!used)
            context.ReportDiagnostic(Diagnostic.Create(s_idleBuffer, symbol.Locations[0], symbol.Name));
    }

    // Only a primary constructor's parameter can be seen from another method; from there, it is a field that nobody declared.
    static void CheckCapture(OperationAnalysisContext context)
    {
        var parameter = ((IParameterReferenceOperation)context.Operation).Parameter;
        if (parameter.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.Constructor, ContainingType: var type } constructor
            && context.ContainingSymbol is IMethodSymbol method && !SymbolEqualityComparer.Default.Equals(method, constructor)
            && context.Operation.Parent is not INameOfOperation
            && ModuleSymbols.IsModule(type.BaseType) && !ModuleSymbols.RegistersByHand(type)
            && (ModuleSymbols.IsModule(parameter.Type) || ModuleSymbols.IsParameter(parameter.Type) || ModuleSymbols.HoldsLayers(parameter.Type)))
            context.ReportDiagnostic(Diagnostic.Create(s_capturedLayer, context.Operation.Syntax.GetLocation(), parameter.Name));
    }

    static void CheckCreation(OperationAnalysisContext context)
    {
        if (context.ContainingSymbol is IMethodSymbol { Name: "Forward", ContainingType: var type } && ModuleSymbols.IsModule(type.BaseType)
            && context.Operation.Type is INamedTypeSymbol created && ModuleSymbols.IsModule(created) && ModuleSymbols.HasState(created)
            && !IsKept(context.Operation))
            context.ReportDiagnostic(Diagnostic.Create(s_layerInForward, context.Operation.Syntax.GetLocation(), created.Name));
    }

    // A layer made at the first call, as in _head ??= new Linear(...), stays.
    static bool IsKept(IOperation creation)
    {
        var parent = creation.Parent;
        while (parent is IConversionOperation)
            parent = parent.Parent;
        return parent is IAssignmentOperation { Target: IFieldReferenceOperation or IPropertyReferenceOperation };
    }
}
