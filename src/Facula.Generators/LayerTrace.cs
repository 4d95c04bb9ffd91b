using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Facula.Generators;

/// <summary>
/// Follows a value back through conversions, collections, closures and local variables to the layers that go into it, and reports those that no
/// module has among its members. It looks at one member's code, without regard to order; what it does not understand it lets pass.
/// </summary>
readonly struct LayerTrace
{
    static readonly string[] s_filling = ["Add", "TryAdd", "Insert", "Push", "Enqueue", "GetOrAdd", "SetValue"];

    readonly IOperation _root;
    readonly Action<IOperation> _report;
    readonly HashSet<ISymbol> _followed;
    readonly HashSet<ISymbol> _asked;

    LayerTrace(IOperation value, Action<IOperation> report)
    {
        _root = value;
        while (_root.Parent is { } parent)
            _root = parent;
        (_report, _followed, _asked) = (report, new(SymbolEqualityComparer.Default), new(SymbolEqualityComparer.Default));
    }

    /// <summary>Reports every layer or parameter in the value that no module keeps.</summary>
    public static void Report(IOperation value, Action<IOperation> report) => new LayerTrace(value, report).Follow(value);

    /// <summary>The operation without the conversions that leave the object as it is.</summary>
    public static IOperation Unwrap(IOperation operation)
    {
        while (operation is IConversionOperation { Operand: var operand })
            operation = operand;
        return operation;
    }

    /// <summary>Whether a value of the type may have a layer inside although the type does not say so.</summary>
    public static bool CanHold(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => CanHold(array.ElementType),
        { SpecialType: SpecialType.System_String } or { TypeKind: TypeKind.Enum or TypeKind.Pointer } => false,
        { TypeKind: TypeKind.Delegate } => true,
        INamedTypeSymbol { IsGenericType: true } named when HiddenLayers.IsForeign(named) => named.TypeArguments.Any(CanHold),
        INamedTypeSymbol { TypeKind: TypeKind.Struct } named => !HiddenLayers.IsForeign(named),
        _ => true,
    };

    /// <summary>Whether the call puts its arguments into a collection of the platform.</summary>
    public static bool Fills(IInvocationOperation call) =>
        call.Instance is not null && IsOfPlatform(call.TargetMethod)
            && s_filling.Any(start => call.TargetMethod.Name.StartsWith(start, StringComparison.Ordinal));

    static bool IsOfPlatform(IMethodSymbol method) => HiddenLayers.IsForeign(method.ContainingType) && !ModuleSymbols.IsModule(method.ContainingType);

    static bool IsLayered(ITypeSymbol? type) => type is not null && (ModuleSymbols.IsLayer(type) || HiddenLayers.In(type));

    void FollowAll(IEnumerable<IOperation?> values)
    {
        foreach (var value in values)
            Follow(value);
    }

    void Follow(IOperation? value)
    {
        if (value?.Type is { SpecialType: not SpecialType.System_Void } type && !CanHold(type))
            return;
        switch (value)
        {
            case null: break;
            case IConversionOperation conversion: Follow(conversion.Operand); break;
            case IArgumentOperation argument: Follow(argument.Value); break;
            case IConditionalOperation choice: FollowAll([choice.WhenTrue, choice.WhenFalse]); break;
            case ICoalesceOperation choice: FollowAll([choice.Value, choice.WhenNull]); break;
            case ISwitchExpressionOperation choice: FollowAll(choice.Arms.Select(arm => arm.Value)); break;
            case IAssignmentOperation assignment: Follow(assignment.Value); break;
            case IAwaitOperation waiting: Follow(waiting.Operation); break;
            case ITupleOperation tuple: FollowAll(tuple.Elements); break;
            case IArrayCreationOperation array: Follow(array.Initializer); break;
            case IArrayInitializerOperation array: FollowAll(array.ElementValues); break;
            case ICollectionExpressionOperation collection: FollowAll(collection.Elements); break;
            case ISpreadOperation spread: Follow(spread.Operand); break;
            case IObjectOrCollectionInitializerOperation initializer: FollowAll(initializer.Initializers); break;
            case IMemberInitializerOperation member: Follow(member.Initializer); break;
            case IAnonymousObjectCreationOperation creation: FollowAll(creation.Initializers); break;
            case IWithOperation copy: FollowAll([copy.Operand, copy.Initializer]); break;
            case IDelegateCreationOperation creation: Follow(creation.Target); break;
            case IAnonymousFunctionOperation function: FollowCaptures(function.Body); break;
            case IMethodReferenceOperation { Method: { MethodKind: MethodKind.LocalFunction } local }: FollowLocalFunction(local); break;
            case IMethodReferenceOperation method: Follow(method.Instance); break;
            case IObjectCreationOperation creation when !ModuleSymbols.IsLayer(creation.Type): FollowCreation(creation); break;
            case IInvocationOperation { Instance: IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ImplicitReceiver } } add:
                FollowAll(add.Arguments);
                break;
            case IInvocationOperation call when !IsLayered(call.Type): FollowCall(call); break;
            case ILocalReferenceOperation local when !IsLayered(local.Type): FollowLocal(local.Local); break;
            default:
                if (IsLost(value))
                    _report(value);
                break;
        }
    }

    // What Facula makes of layers, such as an optimizer, does not own them.
    void FollowCreation(IObjectCreationOperation creation)
    {
        if (creation.Type is INamedTypeSymbol type && HiddenLayers.IsForeign(type) && HiddenLayers.IsOfFacula(type))
            return;
        FollowArguments(creation.Arguments);
        Follow(creation.Initializer);
    }

    // Sequences and the like hand on what goes in; what other methods do is not known.
    void FollowCall(IInvocationOperation call)
    {
        if (!IsOfPlatform(call.TargetMethod))
            return;
        Follow(call.Instance);
        FollowArguments(call.Arguments);
    }

    // Also what functions return, as those given to Select or Lazy do.
    void FollowArguments(IEnumerable<IArgumentOperation> arguments)
    {
        foreach (var argument in arguments)
        {
            Follow(argument);
            if (Unwrap(argument.Value) is IDelegateCreationOperation { Target: IAnonymousFunctionOperation function })
                FollowAll(function.Body.Descendants().OfType<IReturnOperation>().Select(r => r.ReturnedValue));
        }
    }

    void FollowLocal(ILocalSymbol local)
    {
        if (_followed.Add(local))
            FollowAll(Sources(local, contents: true));
    }

    void FollowLocalFunction(IMethodSymbol function)
    {
        if (!_followed.Add(function))
            return;
        foreach (var operation in _root.Descendants())
            if (operation is ILocalFunctionOperation { Body: { } body } found && SymbolEqualityComparer.Default.Equals(found.Symbol, function))
                FollowCaptures(body);
    }

    void FollowCaptures(IOperation body)
    {
        foreach (var operation in body.Descendants())
        {
            if (operation is IInvocationOperation { TargetMethod: { MethodKind: MethodKind.LocalFunction } function })
                FollowLocalFunction(function);
            else if (Variable(operation) is { } variable && !variable.DeclaringSyntaxReferences.Any(r => body.Syntax.Span.Contains(r.Span))
                && !IsOwnParameter(variable, body)
                && _followed.Add(variable) && IsLost(operation))
                _report(operation);
        }
    }

    static bool IsOwnParameter(ISymbol variable, IOperation body) => variable is IParameterSymbol && body.Parent switch
    {
        IAnonymousFunctionOperation function => SymbolEqualityComparer.Default.Equals(variable.ContainingSymbol, function.Symbol),
        ILocalFunctionOperation function => SymbolEqualityComparer.Default.Equals(variable.ContainingSymbol, function.Symbol),
        _ => false,
    };

    static ISymbol? Variable(IOperation operation) => operation switch
    {
        ILocalReferenceOperation local => local.Local,
        IParameterReferenceOperation parameter => parameter.Parameter,
        _ => null,
    };

    bool IsLost(IOperation value) => IsLayered(value.Type) && !ModuleSymbols.HasNothingToLose(value.Type) && !IsKept(value);

    /// <summary>Whether the layer is among the members of a module, or may be for all that can be seen here.</summary>
    bool IsKept(IOperation layer) => layer switch
    {
        IConversionOperation conversion => IsKept(conversion.Operand),
        IObjectCreationOperation or ITypeParameterObjectCreationOperation => false,
        IMemberReferenceOperation member => ModuleSymbols.IsModule(member.Member.ContainingType) || (member.Instance is { } instance && IsKept(instance)),
        IArrayElementReferenceOperation element => IsKept(element.ArrayReference),
        IInvocationOperation call =>
            Receiver(call) is { } receiver && receiver is not IInstanceReferenceOperation && IsLayered(receiver.Type) && IsKept(receiver),
        ILocalReferenceOperation local => IsKept(local.Local),
        IParameterReferenceOperation { Parameter: var parameter } =>
            IsStored(parameter) || parameter.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.LambdaMethod },
        _ => true,
    };

    static IOperation? Receiver(IInvocationOperation call) =>
        call.Instance ?? (call.TargetMethod.IsExtensionMethod && call.Arguments.Length > 0 ? Unwrap(call.Arguments[0].Value) : null);

    bool IsKept(ILocalSymbol local)
    {
        if (IsStored(local) || !_asked.Add(local))
            return true;
        foreach (var source in Sources(local, contents: false))
            if (!IsKept(source))
                return false;
        return true;
    }

    /// <summary>What the variable is set to and, where asked for, filled with.</summary>
    IEnumerable<IOperation> Sources(ILocalSymbol local, bool contents)
    {
        foreach (var operation in _root.Descendants())
        {
            switch (operation)
            {
                case IVariableDeclaratorOperation declarator when Is(declarator.Symbol):
                    if (declarator.GetVariableInitializer() is { } initializer)
                        yield return initializer.Value;
                    else if (declarator.Parent is IForEachLoopOperation loop)
                        yield return loop.Collection;
                    break;
                case IAssignmentOperation { Target: ILocalReferenceOperation target } assignment when Is(target.Local): yield return assignment.Value; break;
                case IAssignmentOperation assignment when contents && Is(Container(assignment.Target)): yield return assignment.Value; break;
                case IInvocationOperation call when contents && Fills(call) && Is(Container(call.Instance)):
                    foreach (var argument in call.Arguments)
                        yield return argument;
                    break;
            }
        }
        bool Is(ISymbol? symbol) => SymbolEqualityComparer.Default.Equals(symbol, local);
    }

    static ISymbol? Container(IOperation? part)
    {
        while (true)
        {
            switch (part)
            {
                case IArrayElementReferenceOperation element: part = element.ArrayReference; break;
                case IMemberReferenceOperation member: part = member.Instance; break;
                case ILocalReferenceOperation local: return local.Local;
                default: return null;
            }
        }
    }

    /// <summary>Whether the variable also goes into a member that shows it, in this code or in an initializer.</summary>
    bool IsStored(ISymbol variable)
    {
        foreach (var operation in _root.DescendantsAndSelf())
            if (SymbolEqualityComparer.Default.Equals(Variable(operation), variable) && IsStoredBy(operation))
                return true;
        return variable is IParameterSymbol { ContainingSymbol: IMethodSymbol { MethodKind: MethodKind.Constructor, ContainingType: var type } }
            && StateMember.Of(type).Any(m => m.IsRegistered && m.Symbol.DeclaringSyntaxReferences.Any(r => IsInitializedWith(r.GetSyntax(), variable.Name)));
    }

    static bool IsStoredBy(IOperation use)
    {
        IOperation child = use;
        for (var parent = use.Parent; parent is not null; (child, parent) = (parent, parent.Parent))
        {
            switch (parent)
            {
                case IConversionOperation { OperatorMethod: null } or ICoalesceOperation or IConditionalOperation
                    or IArrayInitializerOperation or IArrayCreationOperation or ICollectionExpressionOperation:
                    break;
                case IArgumentOperation { Parameter: { ContainingSymbol: IMethodSymbol method } parameter }:
                    return ModuleSymbols.IsModule(method.ContainingType) && IsLayered(parameter.OriginalDefinition.Type);
                case ITupleOperation values:
                    var whole = parent.Parent;
                    while (whole is IConversionOperation)
                        whole = whole.Parent;
                    return whole is IDeconstructionAssignmentOperation { Target: ITupleOperation targets }
                        && IsShown(targets.Elements[values.Elements.IndexOf(child)]);
                case IAssignmentOperation assignment: return assignment.Value == child && IsShown(assignment.Target);
                case IFieldInitializerOperation initializer: return initializer.InitializedFields.Any(f => ModuleSymbols.IsLayer(f.Type));
                case IPropertyInitializerOperation initializer: return initializer.InitializedProperties.Any(p => ModuleSymbols.IsLayer(p.Type));
                default: return false;
            }
        }
        return false;
    }

    static bool IsShown(IOperation target) =>
        target is IMemberReferenceOperation { Member: var member } && ModuleSymbols.IsModule(member.ContainingType) && ModuleSymbols.IsLayer(target.Type);

    static bool IsInitializedWith(SyntaxNode declaration, string name)
    {
        var initializer = declaration switch
        {
            VariableDeclaratorSyntax field => field.Initializer,
            PropertyDeclarationSyntax property => property.Initializer,
            _ => null,
        };
        return initializer?.Value.DescendantNodesAndSelf().OfType<IdentifierNameSyntax>().Any(n => n.Identifier.ValueText == name) == true;
    }
}
