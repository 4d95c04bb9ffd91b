using Xunit;

namespace Facula.Generators.Tests;

/// <summary>Sources are marked with what must be reported: <c>{|FAC001:Net|}</c>. What is not marked must not be reported.</summary>
public class AnalyzerTests
{
    [Fact]
    public async Task FAC001_a_module_must_be_partial()
    {
        string[] messages = await Lab.Check("""
            public class {|FAC001:Net|} : Module { Linear fc = new(); public Linear Fc() => fc; }
            public class Outer { public partial class {|FAC001:Inner|} : Module { public Parameter? W { get; set; } } }
            file partial class {|FAC001:Local|} : Module { [Buffer] public Tensor? B; }
            file partial class Hidden { public partial class {|FAC001:Nested|} : Module { public Linear? L; } }
            public class {|FAC001:Act|} : Module<Tensor, Tensor> { public int Width; public override Tensor Forward(Tensor input) => input; }
            public class {|FAC001:More|} : Linear { public int Width; }
            public abstract class {|FAC001:Base|} : Module { Linear fc = new(); public Linear Fc() => fc; }
            public partial class Derived : Base { Linear fc2 = new(); public Linear Fc2() => fc2; }
            public class Shelf<T> { public class {|FAC001:Inner|} : Module { public T? Any; } }
            """);
        Assert.Equal("The parameters, buffers and children of module 'Net' must be listed by generated code: declare it partial", messages[0]);
        Assert.EndsWith(": declare the type 'Outer' around it partial", messages[1], StringComparison.Ordinal);
        Assert.EndsWith(": make it internal instead of file-local, or override VisitMembers by hand", messages[2], StringComparison.Ordinal);
        Assert.EndsWith(": make the type 'Hidden' around it internal instead of file-local, or override VisitMembers by hand", messages[3],
            StringComparison.Ordinal);
    }

    [Fact]
    public Task FAC001_asks_nothing_of_others() => Lab.Check("""
        public abstract class Base : Module<Tensor, Tensor> { public int Width; }
        public class Trainer { public Linear Model = new(); public Parameter? W; public List<Linear> All = []; [Obsolete] public Tensor? T; }
        public partial class Outer { public partial class Net : Module { public Linear Fc = new(); } }
        public class Own : Module
        {
            public Linear Fc = new();
            protected override void VisitMembers(MemberVisitor visitor) => visitor.Child("fc", Fc);
        }
        """);

    [Fact]
    public async Task FAC002_layers_must_not_hide_in_collections()
    {
        string[] messages = await Lab.Check("""
            public class Layers : List<Linear> { }
            public delegate Linear Maker();
            public partial class Net<T> : Module where T : Module
            {
                public Linear[] {|FAC002:A|} = [];
                public List<Linear> {|FAC002:B|} { get; } = [];
                public Dictionary<string, Parameter>? {|FAC002:C|};
                public IEnumerable<Module>? {|FAC002:D|} { get; init; }
                public (Linear, int)? {|FAC002:E|};
                public Lazy<Linear>? {|FAC002:F|};
                public Func<Linear>? {|FAC002:G|};
                public IReadOnlyDictionary<int, List<Parameter?[]>>? {|FAC002:H|};
                public Layers? {|FAC002:I|};
                public T[]? {|FAC002:J|};
                public Linear[,][]? {|FAC002:K|};
            }
            """);
        Assert.Equal(11, messages.Length);
        Assert.Equal("The layers or parameters inside 'A' would be neither trained nor saved: keep them in a ModuleList, ModuleDict or ParameterList",
            messages[0]);
    }

    [Fact]
    public Task FAC002_leaves_alone_what_keeps_no_layers() => Lab.Check("""
        public interface ILogger<out T> { }
        public partial class Tree : Module { }
        public class Loop : List<Loop> { }
        public partial class Net : Module
        {
            public ModuleList<Linear> Good = new();
            public List<int>? Sizes; public Tensor[]? Tensors; public Func<Tensor, Tensor>? Act; public Loop? Loop; public string? Name;
            public Action<Module>? Callback; public Func<Module, int>? Count; public IComparer<Parameter>? Order;
            public ILogger<Net>? Log; public WeakReference<Net>? Parent; public object? Any; public IDisposable? Some;
            public IEnumerable<Linear> Computed => [.. Many()];
            public Linear[] Many() => [];
        }
        public class Own : Module
        {
            public List<Module> Inside = []; public Tensor? Cache;
            protected override void VisitMembers(MemberVisitor visitor) { }
        }
        """);

    [Fact]
    public async Task FAC003_a_primary_constructor_must_not_capture_layers()
    {
        string[] messages = await Lab.Check("""
            public partial class Residual(Module<Tensor, Tensor> inner, Parameter scale, List<Linear> rest, int width) : Module<Tensor, Tensor>
            {
                public Parameter Scale => {|FAC003:scale|};
                public override Tensor Forward(Tensor input)
                {
                    Func<int> count = () => {|FAC003:rest|}.Count + width;
                    return {|FAC003:inner|}.Call(input);
                }
            }
            """);
        Assert.Contains("The constructor parameter 'inner' is captured, so what it holds would be neither trained nor saved: " +
            "assign it to a field, and use that", messages);
    }

    [Fact]
    public async Task FAC003_sees_captures_from_another_file() => Assert.Single(await Lab.Check(
        "public partial class Net(Linear fc) : Module;",
        "public partial class Net { public Linear Get() { Linear Local() => {|FAC003:fc|}; return Local(); } }"));

    [Fact]
    public Task FAC003_allows_initializers_and_other_types() => Lab.Check("""
        public abstract partial class Base(Module inner) : Module { public Module Inner { get; } = inner; }
        public partial class Net(Linear fc, Linear other, int width, Func<Tensor, Tensor> act) : Base(other)
        {
            readonly Linear _fc = fc;
            public int Width => width + nameof(fc).Length;
            public Tensor Run(Tensor x) => act(_fc.Call(x));
            public Net(Linear only) : this(only, only, 1, x => only.Call(x)) { }
        }
        public class Trainer(Linear model) { public Linear Model => model; }
        public class Own(Linear inner) : Module { protected override void VisitMembers(MemberVisitor visitor) => visitor.Child("inner", inner); }
        """);

    [Fact]
    public async Task FAC004_Forward_must_not_create_layers()
    {
        string[] messages = await Lab.Check("""
            public partial class Own : Module<Tensor, Tensor> { public Linear Fc = new(); public override Tensor Forward(Tensor input) => input; }
            public partial class Net : Module<Tensor, Tensor>
            {
                public Linear Fresh => {|FAC004:new Linear()|};
                public Module Other { get { return {|FAC004:new Own()|}; } }
                public Tensor Help(Tensor input) => {|FAC004:new Linear()|}.Call(input);
                public override Tensor Forward(Tensor input)
                {
                    Func<Tensor> inner = () => {|FAC004:new Own()|}.Call(input);
                    Linear fc = {|FAC004:new()|};
                    Tensor Local() => {|FAC004:new ModuleList<Linear>()|} is null ? input : input;
                    return {|FAC004:new Linear()|}.Call(input);
                }
            }
            """);
        Assert.Contains("'Forward' makes a new, untrained 'Linear' at every use: create it once, in the constructor or a field initializer", messages);
    }

    [Fact]
    public Task FAC004_allows_layers_without_state_and_layers_that_stay() => Lab.Check("""
        public partial class Net : Module<Tensor, Tensor>
        {
            Linear? _head; Module? _tail; public Linear First = new();
            public Net() => First = new Linear();
            public override Tensor Forward(Tensor input)
            {
                _head ??= new Linear();
                if (_tail is null) _tail = new Linear();
                return new ReLU().Call(new Tensor());
            }
            public Linear Make() => new();
            public Linear Late => field ??= new Linear();
            public Module Plain => new ReLU();
        }
        public class Plain { public Tensor Forward(Tensor input) => new Linear().Call(input); public Linear Fresh => new(); }
        """);

    [Fact]
    public async Task FAC005_two_members_need_two_names()
    {
        string[] messages = await Lab.Check("""
            public partial class Net : Linear
            {
                public Linear? Head; public Parameter? {|FAC005:head|}; [StateName("head")] public Linear? {|FAC005:Third|};
                public Parameter? {|FAC005:weight|};
            }
            public partial class Base : Module { Linear fc = new(); public Linear Get() => fc; }
            public partial class Derived<T> : Base { public T? Any; }
            public partial class Most : Derived<int> { Linear {|FAC005:_fc|} = new(); public Linear GetMine() => _fc; }
            """);
        Assert.Equal("Both 'Net.Head' and 'Net.head' would be saved as \"head\": rename one of them, or mark it [StateName(\"...\")]", messages[0]);
        Assert.StartsWith("Both 'Linear.Weight' and 'Net.weight'", messages[2], StringComparison.Ordinal);
        Assert.StartsWith("Both 'Base.fc' and 'Most._fc'", messages[3], StringComparison.Ordinal);
    }

    [Fact]
    public Task FAC005_allows_names_that_differ() => Lab.Check("""
        public partial class Net : Linear
        {
            public Linear? Head; [StateName("head2")] public Linear? head; public int HEAD;
            public override Parameter Weight { get; } = new();
        }
        public class Own : Module { Linear a = new(); protected override void VisitMembers(MemberVisitor visitor) => visitor.Child("b", a); }
        public partial class More : Own { public Linear A = new(); }
        """);

    [Fact]
    public async Task FAC006_a_tensor_must_say_what_it_is()
    {
        string[] messages = await Lab.Check("""
            public partial class Net : Module
            {
                public Tensor? {|FAC006:Mask|} { get; set; } readonly Tensor {|FAC006:_mean|} = new(); public Tensor Mean => _mean;
            }
            public partial class Masked(Tensor mask, int width) : Module { public Tensor Both() => width > 0 ? {|FAC006:mask|} : new(); }
            """);
        Assert.Equal(
            "The tensor 'Mask' is not part of the state: make it a Parameter, mark it [Buffer], or mark it [Buffer(Persistent = false)]", messages[0]);
    }

    [Fact]
    public Task FAC006_leaves_other_tensors_alone() => Lab.Check("""
        public partial class Net : Module
        {
            [Buffer] public Tensor? A; [Buffer(Persistent = false)] public Tensor? B { get; set; } [field: Buffer] public Tensor? C { get; }
            public Parameter? P; public static Tensor S = new(); public Tensor Computed => new();
        }
        public class Data { public Tensor? Images; }
        """);

    [Fact]
    public Task FAC007_Buffer_must_be_where_it_counts() => Lab.Check("""
        public partial class Net : Module
        {
            [Buffer] public List<Tensor> {|FAC007:A|} = []; [Buffer] public static Tensor? {|FAC007:B|}; [Buffer] public Tensor? {|FAC007:C|} => null;
            [Buffer] public Parameter? {|FAC007:D|}; [Buffer] public Tensor? Good;
        }
        public class Data { [Buffer] public Tensor? {|FAC007:Images|} { get; } }
        public class Own : Module { [Buffer] public Tensor? Cache; protected override void VisitMembers(MemberVisitor visitor) { } }
        """);
}
