using Microsoft.CodeAnalysis;

namespace Facula.Generators;

/// <summary>Whether a value of some type has modules or parameters inside, where the generator cannot see them.</summary>
readonly struct HiddenLayers
{
    // A generic type may hold ever larger ones of its kind (class A<T> { A<List<T>> next; }); nobody writes what is hidden deeper.
    const int MaxDepth = 12;

    readonly HashSet<ITypeSymbol> _seen;

    HiddenLayers(HashSet<ITypeSymbol> seen) => _seen = seen;

    /// <summary>Whether a value of this type, which is no layer itself, has some inside.</summary>
    public static bool In(ITypeSymbol type) => !ModuleSymbols.IsLayer(type) && new HiddenLayers(new(SymbolEqualityComparer.Default)).Has(type, 0);

    bool Has(ITypeSymbol type, int depth)
    {
        if (depth == MaxDepth || !_seen.Add(type))
            return false;
        if (InArguments(type, depth) || InMembers(type, depth))
            return true;
        foreach (var contract in type.AllInterfaces)
            if (InArguments(contract, depth))
                return true;
        return false;
    }

    bool IsLayerOrHas(ITypeSymbol type, int depth) => ModuleSymbols.IsLayer(type) || Has(type, depth + 1);

    bool InArguments(ITypeSymbol type, int depth)
    {
        if (type is IArrayTypeSymbol array)
            return IsLayerOrHas(array.ElementType, depth);
        // An interface keeps layers when it is a sequence, not when it is an ILogger<Net>; a WeakReference<Net> does not own its target.
        if (type is not INamedTypeSymbol { IsGenericType: true } named || named.Name == "WeakReference" || (named.TypeKind == TypeKind.Interface && !IsSequence(named)))
            return false;
        for (int i = 0; i < named.TypeArguments.Length; i++)
        {
            // What only takes a layer, as Action<Module> does, keeps none.
            if (named.TypeParameters[i].Variance != VarianceKind.In && IsLayerOrHas(named.TypeArguments[i], depth))
                return true;
        }
        return false;
    }

    // One's own records, structs and classes. Types of the platform say by their arguments what they hold; an optimizer's parameters are registered elsewhere.
    bool InMembers(ITypeSymbol type, int depth)
    {
        if (type.TypeKind is not (TypeKind.Class or TypeKind.Struct) || type is not INamedTypeSymbol named)
            return false;
        for (INamedTypeSymbol? t = named; t is not null && !IsForeign(t); t = t.BaseType)
            foreach (var stored in StateMember.StoredTypes(t))
                if (IsLayerOrHas(stored, depth))
                    return true;
        return false;
    }

    /// <summary>Whether the type comes compiled, from the platform or from Facula.</summary>
    public static bool IsForeign(INamedTypeSymbol type) =>
        type.OriginalDefinition.DeclaringSyntaxReferences.IsEmpty && Root(type)?.Name is ("System" or "Microsoft" or "Facula");

    /// <summary>Whether the type is in Facula's namespace.</summary>
    public static bool IsOfFacula(INamedTypeSymbol type) => Root(type)?.Name == "Facula";

    static INamespaceSymbol? Root(INamedTypeSymbol type)
    {
        var space = type.ContainingNamespace;
        while (space is { IsGlobalNamespace: false, ContainingNamespace.IsGlobalNamespace: false })
            space = space.ContainingNamespace;
        return space;
    }

    static bool IsSequence(INamedTypeSymbol type) => type.AllInterfaces.Any(i => i.SpecialType == SpecialType.System_Collections_IEnumerable);
}
