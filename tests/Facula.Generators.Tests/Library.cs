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
                protected internal abstract void VisitMembers(MemberVisitor visitor);
                protected internal virtual void CloneMembers(ModuleCloner cloner) { }
                public void Accept(MemberVisitor visitor) => VisitMembers(visitor);
            }

            public abstract class Module<TIn, TOut> : Module
            {
                public abstract TOut Forward(TIn input);
                public TOut Call(TIn input) => Forward(input);
                public static implicit operator Func<TIn, TOut>(Module<TIn, TOut> module) => module.Call;
            }

            public abstract class Module<T1, T2, TOut> : Module<(T1, T2), TOut>
            {
                public abstract TOut Forward(T1 first, T2 second);
                public sealed override TOut Forward((T1, T2) input) => Forward(input.Item1, input.Item2);
                public TOut Call(T1 first, T2 second) => Call((first, second));
            }

            public sealed class ModuleCloner
            {
                public List<object> Seen { get; } = [];
                public void Child<T>(ref T module) where T : Module? => Seen.Add(module!);
                public void Parameter(ref Parameter? parameter) => Seen.Add(parameter!);
                public void Buffer(ref Tensor? buffer) => Seen.Add(buffer!);
            }

            public abstract class MemberVisitor
            {
                public abstract void Parameter(string name, Parameter? parameter);
                public abstract void Buffer(string name, Tensor? buffer, bool persistent = true);
                public abstract void Child(string name, Module? module);
                public virtual void Complete(Type type) { }
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

            public sealed partial class Dropout : Module<Tensor, Tensor> { public override Tensor Forward(Tensor input) => input; }

            public sealed partial class ReLU : Module<Tensor, Tensor> { public override Tensor Forward(Tensor input) => input; }

            public class ModuleList<T>(params T[] modules) : Module, IEnumerable<T> where T : Module
            {
                readonly List<T> _modules = [.. modules];
                public T this[int i] => _modules[i];
                public void Add(T module) => _modules.Add(module);
                public IEnumerator<T> GetEnumerator() => _modules.GetEnumerator();
                System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

                protected internal override void VisitMembers(MemberVisitor visitor)
                {
                    for (int i = 0; i < _modules.Count; i++)
                        visitor.Child(i.ToString(), _modules[i]);
                }
            }
        }
        """;
}
