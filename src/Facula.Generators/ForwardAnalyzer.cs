using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Facula.Generators;

/// <summary>Reports calls of Forward that leave out a module's hooks.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ForwardAnalyzer : DiagnosticAnalyzer
{
    static readonly DiagnosticDescriptor s_forward = new("FAC010", "Forward is called where Call is meant",
        "Forward leaves out the hooks of the module: use Call", "Facula", DiagnosticSeverity.Warning, isEnabledByDefault: true);

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [s_forward];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterOperationAction(Check, OperationKind.Invocation, OperationKind.MethodReference);
    }

    static void Check(OperationAnalysisContext context)
    {
        var (method, instance) = context.Operation is IInvocationOperation call ? (call.TargetMethod, call.Instance)
            : (((IMethodReferenceOperation)context.Operation).Method, ((IMethodReferenceOperation)context.Operation).Instance);
        if (IsForward(method)
            && !(instance is IInstanceReferenceOperation && (instance.Syntax is BaseExpressionSyntax || MayForward(context.ContainingSymbol))))
            context.ReportDiagnostic(Diagnostic.Create(s_forward, context.Operation.Syntax.GetLocation()));
    }

    // Call itself does, and one form of Forward may say what it computes by way of another, as Forward((a, b)) by Forward(a, b).
    static bool MayForward(ISymbol symbol) => symbol is IMethodSymbol method && (IsForward(method) || IsCallable(method.ContainingType));

    static bool IsForward(IMethodSymbol method)
    {
        if (method.Name != "Forward")
            return false;
        while (method.OverriddenMethod is { } overridden)
            method = overridden;
        return IsCallable(method.ContainingType);
    }

    // Module<TIn, TOut> and Module<T1, T2, TOut>.
    static bool IsCallable(INamedTypeSymbol type) => type is { Name: "Module", Arity: > 0 } && ModuleSymbols.IsModule(type) && HiddenLayers.IsOfFacula(type);
}
