using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Facula.Generators;

/// <summary>Reports modules whose state the generator cannot register, or that train something else than their author meant.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ModuleAnalyzer : DiagnosticAnalyzer
{
    static readonly DiagnosticDescriptor s_hiddenLayers = Rule("FAC002", DiagnosticSeverity.Error, "Layers are kept out of sight",
        "The layers or parameters inside '{0}' would be neither trained nor saved: keep them in a ModuleList, ModuleDict or ParameterList");

    static readonly DiagnosticDescriptor s_capturedLayer = Rule("FAC003", DiagnosticSeverity.Error, "A layer is captured from a primary constructor",
        "The constructor parameter '{0}' is captured, so what it holds would be neither trained nor saved: assign it to a field, and use that");

    static readonly DiagnosticDescriptor s_layerPerUse = Rule("FAC004", DiagnosticSeverity.Error, "A layer is created at every use",
        "'{0}' makes a new, untrained '{1}' at every use: create it once, in the constructor or a field initializer");

    static readonly DiagnosticDescriptor s_sameName = Rule("FAC005", DiagnosticSeverity.Error, "Two members have the same state name",
        "Both '{0}' and '{1}' would be saved as \"{2}\": rename one of them, or mark it [StateName(\"...\")]");

    static readonly DiagnosticDescriptor s_looseTensor = Rule("FAC006", DiagnosticSeverity.Warning, "A tensor is not part of the module's state",
        "The tensor '{0}' is not part of the state: make it a Parameter, mark it [Buffer], or mark it [Buffer(Persistent = false)]");

    static readonly DiagnosticDescriptor s_idleBuffer = Rule("FAC007", DiagnosticSeverity.Warning, "[Buffer] has no effect here",
        "[Buffer] on '{0}' has no effect: put it on an instance field or auto-property of type Tensor in a module");

    static readonly DiagnosticDescriptor s_staticLayer = Rule("FAC009", DiagnosticSeverity.Error, "A layer is static",
        "'{0}' belongs to no module, so what it holds would be neither trained nor saved: make it an instance field");

    static readonly SymbolDisplayFormat s_withType = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameOnly, memberOptions: SymbolDisplayMemberOptions.IncludeContainingType);

    static DiagnosticDescriptor Rule(string id, DiagnosticSeverity severity, string title, string message) =>
        new(id, title, message, "Facula", severity, isEnabledByDefault: true);

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [s_hiddenLayers, s_capturedLayer, s_layerPerUse, s_sameName, s_looseTensor, s_idleBuffer, s_staticLayer];

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

        foreach (var member in StateMember.Of(type))
        {
            if (member.Kind == StateKind.HiddenLayers)
                Report(s_hiddenLayers, member.Symbol, member.Symbol.Name);
            else if (member.Kind == StateKind.LooseTensor)
                Report(s_looseTensor, member.Symbol, member.Symbol.Name);
            else if (member.IsRegistered)
            {
                if (names.TryGetValue(member.Name, out var other))
                    Report(s_sameName, member.Symbol, other.Symbol.ToDisplayString(s_withType), member.Symbol.ToDisplayString(s_withType), member.Name);
                names[member.Name] = member;
            }
        }
        // A module of the type itself is a well-known instance, not a part of the others.
        foreach (var member in StateMember.Static(type))
            if (member.Kind is StateKind.Parameter or StateKind.Child or StateKind.HiddenLayers && !SymbolEqualityComparer.Default.Equals(member.Type, type))
                Report(s_staticLayer, member.Symbol, member.Symbol.Name);

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
            && (ModuleSymbols.IsLayer(parameter.Type) || HiddenLayers.In(parameter.Type)))
            context.ReportDiagnostic(Diagnostic.Create(s_capturedLayer, context.Operation.Syntax.GetLocation(), parameter.Name));
    }

    static void CheckCreation(OperationAnalysisContext context)
    {
        if (context.ContainingSymbol is IMethodSymbol { ContainingType: var type } method && ModuleSymbols.IsModule(type.BaseType)
            && context.Operation.Type is INamedTypeSymbol created && ModuleSymbols.IsModule(created) && ModuleSymbols.HasState(created)
            && (method is { Name: "Forward" } or { MethodKind: MethodKind.PropertyGet } || IsCalled(context.Operation)) && !IsKept(context.Operation))
            context.ReportDiagnostic(Diagnostic.Create(s_layerPerUse, context.Operation.Syntax.GetLocation(), (method.AssociatedSymbol ?? method).Name, created.Name));
    }

    // new Linear(3, 2).Call(x): nobody else ever sees it.
    static bool IsCalled(IOperation creation) =>
        creation.Parent is IInvocationOperation { TargetMethod.Name: "Call" or "Forward" } call && call.Instance == creation;

    // A layer made at the first call, as in _head ??= new Linear(...), stays.
    static bool IsKept(IOperation creation)
    {
        var parent = creation.Parent;
        while (parent is IConversionOperation)
            parent = parent.Parent;
        return parent is IAssignmentOperation { Target: IFieldReferenceOperation or IPropertyReferenceOperation };
    }
}
