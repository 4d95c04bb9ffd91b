using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Facula.Generators;

/// <summary>The questions that the generator and the analyzer both ask about symbols, so that they cannot disagree.</summary>
static class ModuleSymbols
{
    /// <summary>The name under which the generator signs what it writes.</summary>
    public const string Tool = "Facula.Generators";

    /// <summary>The name under which it signs that a module has no members: a compiled type hides its private fields, so this has to tell.</summary>
    public const string ToolForNothing = Tool + " (no members)";

    static readonly SymbolDisplayFormat s_fullName =
        SymbolDisplayFormat.FullyQualifiedFormat.WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted);

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

    /// <summary>Whether this is a module or a parameter.</summary>
    public static bool IsLayer(ITypeSymbol? type) => IsModule(type) || IsParameter(type);

    static bool IsTool(AttributeData attribute, string tool) =>
        attribute.AttributeClass?.Name == "GeneratedCodeAttribute" && attribute.ConstructorArguments.FirstOrDefault().Value as string == tool;

    /// <summary>The method that this very type declares, written by hand or generated.</summary>
    public static IMethodSymbol? VisitMembers(INamedTypeSymbol type) => type.GetMembers("VisitMembers").OfType<IMethodSymbol>()
        .FirstOrDefault(m => m.Parameters.Length == 1 && IsNamed(m.Parameters[0].Type, "MemberVisitor"));

    /// <summary>Whether the author registers the members of this type, and so knows best.</summary>
    public static bool RegistersByHand(INamedTypeSymbol type) =>
        VisitMembers(type) is { IsAbstract: false } method && !method.GetAttributes().Any(a => IsTool(a, Tool) || IsTool(a, ToolForNothing));

    /// <summary>Whether an instance has parameters, buffers or children. In a compiled type an override tells, unless it says that there are none.</summary>
    public static bool HasState(INamedTypeSymbol? type)
    {
        for (; type is not null && !IsNamed(type, "Module"); type = type.BaseType)
        {
            if (VisitMembers(type) is { IsAbstract: false } method && !method.GetAttributes().Any(a => IsTool(a, ToolForNothing)))
                return true;
            if (HasOwnState(type))
                return true;
        }
        return false;
    }

    /// <summary>Whether this is a layer of Facula's that is the same wherever it is kept: it has no members, and does the same in training
    /// as elsewhere.</summary>
    public static bool HasNothingToLose(ITypeSymbol? type) => type is INamedTypeSymbol { IsAbstract: false } named && IsModule(named)
        && HiddenLayers.IsForeign(named) && !HasState(named) && !named.Name.Contains("Dropout");

    static bool HasOwnState(INamedTypeSymbol type) => StateMember.Of(type.OriginalDefinition).Any(m => m.IsRegistered);

    /// <summary>
    /// Whether the members of this type must be listed by generated code: it has some, or can be made. An abstract class without any leaves that to
    /// those that derive from it.
    /// </summary>
    public static bool NeedsRegistration(INamedTypeSymbol type) => VisitMembers(type) is null && (!type.IsAbstract || HasOwnState(type));

    /// <summary>Whether a class that derives from this one has something to call: a registration written by hand, or one that is generated.</summary>
    public static bool IsRegistered(INamedTypeSymbol? type, CancellationToken cancellation)
    {
        for (; type is not null && IsModule(type); type = type.BaseType)
        {
            if (VisitMembers(type) is { } method)
                return !method.IsAbstract;
            if (NeedsRegistration(type) && Obstacle(type, cancellation) is null)
                return true;
        }
        return false;
    }

    /// <summary>What keeps generated code from extending the type, said as the remedy; null when nothing does.</summary>
    public static string? Obstacle(INamedTypeSymbol type, CancellationToken cancellation)
    {
        for (var t = type; t is not null; t = t.ContainingType)
        {
            bool nested = !SymbolEqualityComparer.Default.Equals(t, type);
            if (t.IsFileLocal)
                return (nested ? $"make the type '{t.Name}' around it" : "make it") + " internal instead of file-local, or override VisitMembers by hand";
            if (!t.DeclaringSyntaxReferences.Any(r => IsPartial(r.GetSyntax(cancellation))))
                return nested ? $"declare the type '{t.Name}' around it partial" : "declare it partial";
        }
        return null;
    }

    /// <summary>Whether this is a type declaration with the modifier.</summary>
    public static bool IsPartial(SyntaxNode node) =>
        node is TypeDeclarationSyntax declaration && declaration.Modifiers.Any(SyntaxKind.PartialKeyword);
}
