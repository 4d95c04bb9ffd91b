using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Facula.Generators;

/// <summary>The questions that the generator and the analyzer both ask about symbols, so that they cannot disagree.</summary>
static class ModuleSymbols
{
    /// <summary>The name under which the generator signs what it writes.</summary>
    public const string Tool = "Facula.Generators";

    static readonly SymbolDisplayFormat s_fullName = SymbolDisplayFormat.FullyQualifiedFormat.WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted);

    public static string FullName(ISymbol symbol) => symbol.ToDisplayString(s_fullName);

    public static string Escape(string identifier) => SyntaxFacts.GetKeywordKind(identifier) == SyntaxKind.None ? identifier : "@" + identifier;

    public static bool IsModule(ITypeSymbol? type) => Derives(type, "Module");
    public static bool IsParameter(ITypeSymbol? type) => Derives(type, "Parameter");
    public static bool IsTensor(ITypeSymbol type) =>
        type is INamedTypeSymbol { Name: "Tensor", Arity: 0, ContainingType: null, ContainingNamespace: var space } && IsFacula(space);

    /// <summary>Whether this is the type of that name, without type parameters, in Facula.NN.</summary>
    public static bool IsNamed(ITypeSymbol? type, string name) =>
        type is INamedTypeSymbol { Arity: 0, ContainingType: null, ContainingNamespace: { Name: "NN", ContainingNamespace: var space } }
        && type.Name == name && IsFacula(space);

    static bool IsFacula(INamespaceSymbol space) => space is { Name: "Facula", ContainingNamespace.IsGlobalNamespace: true };

    static bool Derives(ITypeSymbol? type, string name)
    {
        if (type is ITypeParameterSymbol parameter)
            return parameter.ConstraintTypes.Any(c => Derives(c, name));
        for (; type is not null; type = type.BaseType)
            if (IsNamed(type, name))
                return true;
        return false;
    }

    /// <summary>Whether a value of this type has modules or parameters inside, where the generator cannot see them.</summary>
    public static bool HoldsLayers(ITypeSymbol type) => !IsLayer(type) && (HasLayerInside(type) || type.AllInterfaces.Any(HasLayerInside));

    // Looks only inside type arguments, which are finite; base types need not be (class Node : List<Node>).
    static bool HasLayerInside(ITypeSymbol type)
    {
        if (type is IArrayTypeSymbol array)
            return IsLayer(array.ElementType) || HasLayerInside(array.ElementType);
        // An interface keeps layers when it is a sequence, not when it is an ILogger<Net>; a WeakReference<Net> does not own its target.
        if (type is not INamedTypeSymbol { IsGenericType: true } named || named.Name == "WeakReference" || (named.TypeKind == TypeKind.Interface && !IsSequence(named)))
            return false;
        for (int i = 0; i < named.TypeArguments.Length; i++)
        {
            // What only takes a layer, as Action<Module> does, keeps none.
            if (named.TypeParameters[i].Variance != VarianceKind.In && (IsLayer(named.TypeArguments[i]) || HasLayerInside(named.TypeArguments[i])))
                return true;
        }
        return false;
    }

    static bool IsSequence(INamedTypeSymbol type) =>
        type.AllInterfaces.Any(i => i.SpecialType == SpecialType.System_Collections_IEnumerable);

    static bool IsLayer(ITypeSymbol type) => IsModule(type) || IsParameter(type);

    /// <summary>The method that this very type declares, written by hand or generated.</summary>
    public static IMethodSymbol? VisitMembers(INamedTypeSymbol type) => type.GetMembers("VisitMembers").OfType<IMethodSymbol>()
        .FirstOrDefault(m => m.Parameters.Length == 1 && IsNamed(m.Parameters[0].Type, "MemberVisitor"));

    /// <summary>Whether the author registers the members of this type, and so knows best.</summary>
    public static bool RegistersByHand(INamedTypeSymbol type) =>
        VisitMembers(type) is { } method && !method.GetAttributes().Any(a =>
            a.AttributeClass?.Name == "GeneratedCodeAttribute" && a.ConstructorArguments.FirstOrDefault().Value as string == Tool);

    /// <summary>Whether an instance has parameters, buffers or children. In a compiled type an override tells, as there is one only where it is needed.</summary>
    public static bool HasState(INamedTypeSymbol? type)
    {
        for (; type is not null && !IsNamed(type, "Module"); type = type.BaseType)
            if (VisitMembers(type) is not null || StateMember.Of(type.OriginalDefinition).Any(m => m.IsRegistered))
                return true;
        return false;
    }

    /// <summary>What keeps generated code from extending the type, said as the remedy; null when nothing does.</summary>
    public static string? Obstacle(INamedTypeSymbol type, CancellationToken cancellation)
    {
        for (var t = type; t is not null; t = t.ContainingType)
        {
            bool nested = !SymbolEqualityComparer.Default.Equals(t, type);
            if (t.IsFileLocal)
                return nested ? $"make the type '{t.Name}' around it internal instead of file-local" : "make it internal instead of file-local";
            if (!t.DeclaringSyntaxReferences.Any(r => IsPartial(r.GetSyntax(cancellation))))
                return nested ? $"declare the type '{t.Name}' around it partial" : "declare it partial";
        }
        return null;
    }

    /// <summary>Whether this is a type declaration with the modifier.</summary>
    public static bool IsPartial(SyntaxNode node) =>
        node is TypeDeclarationSyntax declaration && declaration.Modifiers.Any(SyntaxKind.PartialKeyword);
}
