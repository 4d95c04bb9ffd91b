using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Facula.Generators;

/// <summary>What a field or auto-property is to the state of the module that declares it.</summary>
enum StateKind
{
    /// <summary>Nothing: a number, a string, an activation function.</summary>
    None,
    Parameter,
    Buffer,
    Child,
    /// <summary>A tensor that is neither a parameter nor marked as a buffer.</summary>
    LooseTensor,
    /// <summary>A list, tuple, delegate or the like with modules or parameters inside.</summary>
    HiddenLayers,
}

/// <summary>An instance field or auto-property of a module. It holds a symbol, so it must not enter the generator's pipeline.</summary>
sealed class StateMember
{
    readonly IEnumerable<AttributeData> _attributes;

    readonly IFieldSymbol? _backing;

    StateMember(ISymbol symbol, ITypeSymbol type, IFieldSymbol? backing)
    {
        (Symbol, Type, _backing) = (symbol, type, backing);
        // [field: Buffer] on an auto-property lands on the field behind it.
        _attributes = backing is null ? symbol.GetAttributes() : symbol.GetAttributes().Concat(backing.GetAttributes());
        Kind = ModuleSymbols.IsParameter(type) ? StateKind.Parameter
            : ModuleSymbols.IsModule(type) ? StateKind.Child
            : ModuleSymbols.IsTensor(type) ? (Attribute("BufferAttribute") is null ? StateKind.LooseTensor : StateKind.Buffer)
            : HiddenLayers.In(type) ? StateKind.HiddenLayers
            : StateKind.None;
    }

    public ISymbol Symbol { get; }
    public ITypeSymbol Type { get; }
    public StateKind Kind { get; }
    public bool IsRegistered => Kind is StateKind.Parameter or StateKind.Buffer or StateKind.Child;

    /// <summary>The key in the state dictionary.</summary>
    public string Name => Attribute("StateNameAttribute")?.ConstructorArguments.FirstOrDefault().Value as string ?? StateName.Of(SimpleName);

    string SimpleName => Implemented?.Name ?? Symbol.Name;
    ISymbol? Implemented => (Symbol as IPropertySymbol)?.ExplicitInterfaceImplementations.FirstOrDefault();

    /// <summary>The statement which shows this member to a visitor.</summary>
    public string VisitCall()
    {
        string self = Implemented is { } property ? $"((global::{ModuleSymbols.FullName(property.ContainingType)})this)" : "this";
        string arguments = $"{SymbolDisplay.FormatLiteral(Name, quote: true)}, {self}.{ModuleSymbols.Escape(SimpleName)}";
        if (Kind == StateKind.Buffer)
            arguments += IsPersistent ? ", true" : ", false";
        return $"visitor.{Kind}({arguments});";
    }

    /// <summary>The statements which have this member's place filled with a copy, given a name that no other member of its class uses.</summary>
    public IEnumerable<string> CloneCalls(string self, string name)
    {
        string type = $"global::{ModuleSymbols.FullName(Type)}";
        if (Type is ITypeParameterSymbol)
            type = ModuleSymbols.Escape(Type.Name);
        if (Symbol is IFieldSymbol field)
        {
            string place = $"this.{ModuleSymbols.Escape(field.Name)}";
            yield return $"cloner.{Kind}(ref {(field.IsReadOnly ? $"global::System.Runtime.CompilerServices.Unsafe.AsRef(in {place})" : place)});";
            yield break;
        }
        // The field behind a property has a name that C# cannot write.
        yield return "[global::System.Runtime.CompilerServices.UnsafeAccessor(" +
            $"global::System.Runtime.CompilerServices.UnsafeAccessorKind.Field, Name = \"{_backing!.Name}\")]";
        yield return $"static extern ref {type} {name}({self} self);";
        yield return $"cloner.{Kind}(ref {name}(this));";
    }

    bool IsPersistent
    {
        get
        {
            foreach (var argument in Attribute("BufferAttribute")!.NamedArguments)
                if (argument.Key == "Persistent")
                    return argument.Value.Value is true;
            return true;
        }
    }

    AttributeData? Attribute(string name) => _attributes.FirstOrDefault(a => ModuleSymbols.IsNamed(a.AttributeClass, name));

    /// <summary>Everything that stores a value in an instance of this very type, in declaration order.</summary>
    public static IEnumerable<StateMember> Of(INamedTypeSymbol type) =>
        from member in Stored(type, isStatic: false)
        where member.Symbol is not IPropertySymbol property || !IsVisitedByBase(property)
        select new StateMember(member.Symbol, member.Type, member.Backing);

    /// <summary>The same with auto-properties that override one of the base class.</summary>
    public static IEnumerable<StateMember> Stored(INamedTypeSymbol type) =>
        Stored(type, isStatic: false).Select(member => new StateMember(member.Symbol, member.Type, member.Backing));

    /// <summary>Everything that stores a value in the type itself.</summary>
    public static IEnumerable<StateMember> Static(INamedTypeSymbol type) =>
        Stored(type, isStatic: true).Select(member => new StateMember(member.Symbol, member.Type, member.Backing));

    /// <summary>The types of what an instance of any type stores, as far as can be seen.</summary>
    public static IEnumerable<ITypeSymbol> StoredTypes(INamedTypeSymbol type) => Stored(type, isStatic: false).Select(member => member.Type);

    static IEnumerable<(ISymbol Symbol, ITypeSymbol Type, IFieldSymbol? Backing)> Stored(INamedTypeSymbol type, bool isStatic)
    {
        foreach (var member in type.GetMembers())
        {
            if (member.IsStatic != isStatic)
                continue;
            if (member is IFieldSymbol { IsImplicitlyDeclared: false, AssociatedSymbol: null, IsConst: false } field)
                yield return (field, field.Type, null);
            else if (member is IPropertySymbol property && IsStored(property, out var backing))
                yield return (property, property.Type, backing);
        }
    }

    // A compiled type hides its backing fields, but marks the accessors of its auto-properties.
    static bool IsStored(IPropertySymbol property, out IFieldSymbol? backing)
    {
        backing = property.ContainingType.GetMembers().OfType<IFieldSymbol>()
            .FirstOrDefault(f => f.AssociatedSymbol is IPropertySymbol p && SymbolEqualityComparer.Default.Equals(p.PartialDefinitionPart ?? p, property));
        return backing is not null || property.GetMethod?.GetAttributes().Any(a => a.AttributeClass?.Name == "CompilerGeneratedAttribute") == true;
    }

    // The base class reads an overridden auto-property through its virtual getter: visiting it again would count it twice.
    static bool IsVisitedByBase(IPropertySymbol property)
    {
        for (var p = property.OverriddenProperty?.OriginalDefinition; p is not null; p = p.OverriddenProperty?.OriginalDefinition)
            if (IsStored(p, out _))
                return true;
        return false;
    }
}
