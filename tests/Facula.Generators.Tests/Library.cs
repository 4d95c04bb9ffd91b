namespace Facula.Generators.Tests;

/// <summary>The part of Facula that the generator relies on, and a few layers, as source text.</summary>
static class Library
{
    public const string Source = """
        using System;
        using System.Collections.Generic;
        using System.Runtime.CompilerServices;
        [assembly: InternalsVisibleTo("Friend")]

        namespace Facula
        {
            public class Tensor { }
        }

        namespace Facula.NN
        {
            public class Parameter : Tensor { }

            public abstract class Module
            {
                protected internal virtual void VisitMembers(MemberVisitor visitor) { }
                public void Accept(MemberVisitor visitor) => VisitMembers(visitor);
            }

            public abstract class Module<TIn, TOut> : Module { public abstract TOut Forward(TIn input); }

            public abstract class MemberVisitor
            {
                public abstract void Parameter(string name, Parameter? parameter);
                public abstract void Buffer(string name, Tensor? buffer, bool persistent);
                public abstract void Child(string name, Module? module);
            }

            [AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
            public sealed class BufferAttribute : Attribute { public bool Persistent { get; set; } = true; }

            [AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
            public sealed class StateNameAttribute(string name) : Attribute { public string Name { get; } = name; }

            public partial class Linear : Module<Tensor, Tensor>
            {
                public virtual Parameter Weight { get; } = new();
                public Parameter? Bias { get; }
                public override Tensor Forward(Tensor input) => input;
            }

            public sealed class ReLU : Module<Tensor, Tensor> { public override Tensor Forward(Tensor input) => input; }

            public class ModuleList<T>(params T[] modules) : Module where T : Module
            {
                readonly List<T> _modules = [.. modules];

                protected internal override void VisitMembers(MemberVisitor visitor)
                {
                    for (int i = 0; i < _modules.Count; i++)
                        visitor.Child(i.ToString(), _modules[i]);
                }
            }
        }
        """;
}
