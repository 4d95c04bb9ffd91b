using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Facula.Generators;

/// <summary>
/// Reports layers and parameters that go into a member of a module whose type does not show them: a function that a layer was converted to,
/// an object, an interface, a list of tensors, a closure.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LostLayerAnalyzer : DiagnosticAnalyzer
{
    static readonly DiagnosticDescriptor s_lost = new("FAC008", "A layer is kept where it is not seen",
        "The layers or parameters in this would be neither trained nor saved, as '{0}' is of type '{1}': keep them in a member of a module's type " +
        "or of type Parameter, or in a ModuleList, ModuleDict or ParameterList", "Facula", DiagnosticSeverity.Error, isEnabledByDefault: true);

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [s_lost];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterOperationAction(CheckInitializer, OperationKind.FieldInitializer, OperationKind.PropertyInitializer);
        context.RegisterOperationAction(CheckAssignment, OperationKind.SimpleAssignment, OperationKind.CoalesceAssignment,
            OperationKind.CompoundAssignment, OperationKind.DeconstructionAssignment);
        context.RegisterOperationAction(CheckEvent, OperationKind.EventAssignment);
        context.RegisterOperationAction(CheckCreation, OperationKind.ObjectCreation);
        context.RegisterOperationAction(CheckInvocation, OperationKind.Invocation);
    }

    static void CheckInitializer(OperationAnalysisContext context)
    {
        var members = context.Operation is IFieldInitializerOperation fields ? fields.InitializedFields.CastArray<ISymbol>()
            : ((IPropertyInitializerOperation)context.Operation).InitializedProperties.CastArray<ISymbol>();
        foreach (var member in members)
            Check(context, member, ((ISymbolInitializerOperation)context.Operation).Value);
    }

    static void CheckAssignment(OperationAnalysisContext context)
    {
        var assignment = (IAssignmentOperation)context.Operation;
        CheckPair(assignment.Target, assignment.Value);

        // (_first, _second) = (first, second), piece by piece.
        void CheckPair(IOperation target, IOperation value)
        {
            if (target is ITupleOperation targets && LayerTrace.Unwrap(value) is ITupleOperation values && targets.Elements.Length == values.Elements.Length)
            {
                for (int i = 0; i < targets.Elements.Length; i++)
                    CheckPair(targets.Elements[i], values.Elements[i]);
            }
            else
                Check(context, Keeper(target), value);
        }
    }

    static void CheckEvent(OperationAnalysisContext context)
    {
        var assignment = (IEventAssignmentOperation)context.Operation;
        if (assignment is { Adds: true, EventReference: IEventReferenceOperation { Event: var target } })
            Check(context, target, assignment.HandlerValue);
    }

    static void CheckCreation(OperationAnalysisContext context)
    {
        var creation = (IObjectCreationOperation)context.Operation;
        CheckArguments(context, creation.Constructor, creation.Arguments);
    }

    static void CheckInvocation(OperationAnalysisContext context)
    {
        var call = (IInvocationOperation)context.Operation;
        // base(...) and this(...)
        if (call.TargetMethod.MethodKind == MethodKind.Constructor)
            CheckArguments(context, call.TargetMethod, call.Arguments);
        else if (LayerTrace.Fills(call) && Keeper(call.Instance) is { } member)
            foreach (var argument in call.Arguments)
                Check(context, member, argument.Value);
    }

    // A constructor that takes a module by its type is answerable for it; one that takes a function or an object cannot know.
    static void CheckArguments(OperationAnalysisContext context, IMethodSymbol? constructor, ImmutableArray<IArgumentOperation> arguments)
    {
        if (constructor is null || !ModuleSymbols.IsModule(constructor.ContainingType) || ModuleSymbols.RegistersByHand(constructor.ContainingType))
            return;
        foreach (var argument in arguments)
            if (argument.Parameter?.OriginalDefinition is { } parameter && IsBlind(parameter.Type) && !IsOfTensors(parameter.Type))
                LayerTrace.Report(argument.Value, at => Report(context, at, parameter, parameter.Type));
    }

    // A tensor may be given to be copied, as initial weights are.
    static bool IsOfTensors(ITypeSymbol type) => ModuleSymbols.IsTensor(type) || type switch
    {
        IArrayTypeSymbol array => IsOfTensors(array.ElementType),
        INamedTypeSymbol { IsGenericType: true, TypeKind: not TypeKind.Delegate } named => named.TypeArguments.Any(IsOfTensors),
        _ => false,
    };

    /// <summary>The member of a module in which what is assigned to the target ends up: itself, or an element or a part of it.</summary>
    static ISymbol? Keeper(IOperation? target)
    {
        while (true)
        {
            switch (target)
            {
                case IArrayElementReferenceOperation element: target = element.ArrayReference; break;
                case IMemberReferenceOperation reference when ModuleSymbols.IsModule(reference.Member.ContainingType): return reference.Member;
                case IMemberReferenceOperation reference: target = reference.Instance; break;
                default: return null;
            }
        }
    }

    static void Check(OperationAnalysisContext context, ISymbol? member, IOperation value)
    {
        var type = member switch
        {
            IFieldSymbol field => field.Type,
            IPropertySymbol property => property.Type,
            IEventSymbol @event => @event.Type,
            _ => null,
        };
        if (type is null || !ModuleSymbols.IsModule(member!.ContainingType) || ModuleSymbols.RegistersByHand(member.ContainingType) || !IsBlind(type))
            return;
        LayerTrace.Report(value, at => Report(context, at, member, type));
    }

    // Where the type itself shows layers, it is registered or reported for its type.
    static bool IsBlind(ITypeSymbol type) => !ModuleSymbols.IsLayer(type) && !HiddenLayers.In(type) && LayerTrace.CanHold(type);

    static void Report(OperationAnalysisContext context, IOperation at, ISymbol member, ITypeSymbol type) =>
        context.ReportDiagnostic(Diagnostic.Create(s_lost, at.Syntax.GetLocation(), member.Name, type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)));
}
