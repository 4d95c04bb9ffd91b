using Xunit;

namespace Facula.Generators.Tests;

/// <summary>Layers that go where their type does not show: each is reported where it goes in.</summary>
public class LostLayerTests
{
    [Fact]
    public async Task FAC002_one_s_own_types_hide_layers_too()
    {
        await Lab.Check("""
            public record Block(Linear A, int Width);
            public record struct Pair<T>(T First, T Second);
            public class Holder { readonly Parameter _scale = new(); public Parameter Get() => _scale; }
            public class Derived : Holder { }
            public class Nest { public Block[] Blocks = []; public Nest? Next; }
            public class Grow<T> { public Grow<List<T>>? Next; }
            public partial class Net(Block block) : Module
            {
                public Block? {|FAC002:A|}; public Pair<Linear> {|FAC002:B|}; public Derived? {|FAC002:C|} { get; set; } public List<Nest> {|FAC002:D|} = [];
                public Pair<Pair<Block>>? {|FAC002:E|}; public (int, Block?)[][]? {|FAC002:F|}; public Func<Block>? {|FAC002:G|};
                public Pair<int> Fine; public Grow<int>? Growing;
                public Linear Get() => {|FAC003:block|}.A;
            }
            """);
    }

    [Fact]
    public async Task FAC008_functions_must_not_stand_for_layers()
    {
        string[] messages = await Lab.Check("""
            public partial class Net : Module
            {
                Func<Tensor, Tensor> _a = {|FAC008:new Linear()|};
                Func<Tensor, Tensor> B { get; set; } = {|FAC008:new Linear()|}.Call;
                Func<Tensor, Tensor>[] _c = [{|FAC008:new Linear()|}, x => x];
                List<Func<Tensor, Tensor>> _d = new() { {|FAC008:new Linear()|}, {|FAC008:new Dropout()|} };
                Dictionary<string, Func<Tensor, Tensor>> _e = new() { ["x"] = {|FAC008:new Linear()|} };
                Func<Tensor, Tensor>[][] _f = [[{|FAC008:new Linear()|}]];
                (string, Func<Tensor, Tensor>)? _g = ("x", {|FAC008:new Linear()|});
                Lazy<Func<Tensor, Tensor>> _h = new(() => {|FAC008:new Linear()|});
                static readonly Func<Tensor, Tensor> s_i = {|FAC008:new Linear()|};
                Delegate? _j; Func<Tensor, Tensor>? _k, _l, _m;
                public event Func<Tensor, Tensor>? Ran;
                public Net(Linear given, bool flag)
                {
                    _j = (Func<Tensor, Tensor>){|FAC008:given|};
                    (_k, _l) = (x => {|FAC008:given|}.Call(x), flag ? {|FAC008:given|} : x => x);
                    _m ??= {|FAC008:Make()|};
                    _c[0] = {|FAC008:given|};
                    _d.Add({|FAC008:given|});
                    _d.Insert(0, {|FAC008:given|}.Call);
                    Ran += {|FAC008:given|}.Call;
                }
                static Linear Make() => new();
                public object All() => new object?[] { _a, B, _c, _d, _e, _f, _g, _h, s_i, _j, _k, _l, _m, Ran };
            }
            """);
        Assert.Equal("The layers or parameters in this would be neither trained nor saved, as '_a' is of type 'Func<Tensor, Tensor>': keep them in a member " +
            "of a module's type or of type Parameter, or in a ModuleList, ModuleDict or ParameterList", messages[0]);
    }

    [Fact]
    public Task FAC008_objects_and_interfaces_must_not_stand_for_layers() => Lab.Check("""
        public interface IBlock { }
        public partial class Block : Module, IBlock { public Linear Fc = new(); }
        public partial class Net<T> : Module where T : new()
        {
            object _a = {|FAC008:new Linear()|};
            IBlock _b = {|FAC008:new Block()|};
            dynamic? C { get; } = {|FAC008:new Linear()|};
            object?[] _d = [null, {|FAC008:new Linear()|}, 1];
            Dictionary<string, object> _e = [];
            IEnumerable<IBlock>? _f; System.Collections.ArrayList _g = [];
            T? _h; IBlock? _i; object? _j;
            public Net(Block given, T any, IBlock unknown)
            {
                _e["x"] = {|FAC008:given|};
                _e.Add("y", {|FAC008:given|});
                _f = new List<Block> { {|FAC008:given|} };
                _g.Add({|FAC008:given|});
                _h = any;
                _i = unknown;
                _j = new { Inner = {|FAC008:given|} };
            }
            public object All() => new object?[] { _a, _b, C, _d, _e, _f, _g, _h, _i, _j };
        }
        """);

    [Fact]
    public Task FAC008_tensors_must_not_stand_for_parameters() => Lab.Check("""
        public partial class Net : Module
        {
            Tensor[] _a = [{|FAC008:new Parameter()|}, new Tensor()];
            List<Tensor> _b = [{|FAC008:new Parameter()|}];
            Dictionary<string, Tensor> _c = new() { { "w", {|FAC008:new Parameter()|} } };
            [Buffer] Tensor _d = {|FAC008:new Parameter()|};
            (Tensor, Tensor) _e;
            public Net(Parameter w) { _e = (new Tensor(), {|FAC008:w|}); _b.Add({|FAC008:w|}); }
            public object All() => new object?[] { _a, _b, _c, _d, _e };
        }
        public partial class Sum(Tensor[] all, Tensor start) : Module
        {
            public Tensor First => all[0]; readonly Parameter _start = (Parameter)start; public Parameter Start => _start;
        }
        public class Program { public static Module Make(Parameter w) => new Sum([{|FAC008:new Parameter()|}, {|FAC008:w|}, new Tensor()], w); }
        """);

    [Fact]
    public Task FAC008_closures_and_locals_are_followed() => Lab.Check("""
        using System.Linq;
        public partial class Net(Linear outer) : Module
        {
            Func<Tensor, Tensor> _a = x => {|FAC008:outer|}.Call(x);
            Func<Tensor, Tensor>? _b, _c, _d; Func<Tensor, Tensor>[] _e = [], _f = []; object? _g;
            public Net(int count) : this(new Linear())
            {
                var fc = new Linear();
                Tensor Local(Tensor x) => Deeper(x);
                Tensor Deeper(Tensor x) => {|FAC008:fc|}.Call(x);
                _b = Local;
                var second = new Linear();
                _c = x => { var inner = {|FAC008:second|}; return inner.Call(x); };
                Func<Tensor, Tensor> third = {|FAC008:new Linear()|};
                _d = third;
                var list = new List<Func<Tensor, Tensor>>();
                for (int i = 0; i < count; i++) list.Add({|FAC008:new Linear()|});
                _e = list.ToArray();
                _f = Enumerable.Range(0, count).Select(_ => (Func<Tensor, Tensor>){|FAC008:new Linear()|}).ToArray();
                var layers = new List<Linear> { new() };
                _g = {|FAC008:layers|};
            }
            public object All() => new object?[] { _a, _b, _c, _d, _e, _f, _g };
        }
        """);

    [Fact]
    public Task FAC008_a_constructor_that_cannot_know_is_not_given_layers() => Lab.Check("""
        public partial class Residual(Func<Tensor, Tensor> inner, object? tag = null) : Module<Tensor, Tensor>
        {
            public object? Tag => tag;
            public override Tensor Forward(Tensor x) => inner(x);
        }
        public partial class Wrap<T>(T inner) : Module { public T Inner => inner; public Func<Tensor, Tensor>? Then { get; set; } }
        public partial class More(Linear fc) : Residual({|FAC008:fc|});
        public partial class Less : Residual { public Less() : base(x => x, {|FAC008:new Linear()|}) { } }
        public class Program
        {
            public static void Run(Linear given)
            {
                var net = new Residual({|FAC008:new Linear()|});
                var second = new Residual(x => {|FAC008:given|}.Call(x), "tag");
                var third = new Wrap<Linear>({|FAC008:given|}) { Then = {|FAC008:new Linear()|} };
                third.Then = {|FAC008:given|};
                third.Then = new Residual(new ReLU()) is null ? null : x => x;
                var rest = new List<object> { net, second, third };
            }
        }
        """);

    [Fact]
    public Task FAC008_leaves_alone_what_a_module_keeps_or_what_is_no_layer() => Lab.Check("""
        using System.Linq;
        public static class F { public static Tensor Relu(Tensor x) => x; }
        public class Log(object about) { public object About => about; }
        public class Own : Module
        {
            object _inner = new Linear();
            protected override void VisitMembers(MemberVisitor visitor) => visitor.Child("inner", (Module)_inner);
        }
        public partial class Net(Linear outer, Func<Tensor, Tensor> given, Func<int, Tensor>? table) : Module<Tensor, Tensor>
        {
            readonly Linear _fc = new(); readonly Linear _outer = outer; readonly ModuleList<Linear> _list = new();
            Linear? _late; readonly Parameter _w = new();
            readonly Func<Tensor, Tensor> _a = F.Relu, _b = x => x, _c = given, _k = x => outer.Call(x);
            Func<Tensor, Tensor>? _d, _e, _f; readonly List<Func<Tensor, Tensor>> _g = [F.Relu, new ReLU()];
            object? _h, _l; int _i; string _j = ""; int[] _widths = [];
            [Buffer] readonly Tensor _mean = new(); readonly List<Tensor> _cache = [];
            public Net(Linear own, Linear more, int width) : this(more, more.Call, null)
            {
                var block = new Linear();
                (_late, _d) = (block, block.Call);
                _e = x => own.Call(x);
                _list.Add(own);
                _f = Help;
                foreach (var layer in _list) { _g.Add(layer.Call); _g.Add(x => layer.Call(x)); }
                var first = _list[0];
                _h = first; _h = this; _h = "text"; _h = null; _h = _list; _l = new Log(this);
                _g.AddRange(_list.Select(l => (Func<Tensor, Tensor>)l));
                _i = Width(own); _j = own.ToString() ?? ""; _widths = _list.Select(l => Width(l)).ToArray();
                _cache.Add(_w); _cache.Add(new Tensor());
            }
            static int Width(Linear layer) => layer is null ? 0 : 1;
            Tensor Help(Tensor x) => _fc.Call(given(x));
            public override Tensor Forward(Tensor x)
            {
                Func<Tensor, Tensor> act = _fc; var seen = new List<object> { _fc, _outer }; return act(table?.Invoke(seen.Count) ?? x);
            }
            public object All() => new object?[] { _a, _b, _c, _d, _e, _f, _g, _h, _i, _j, _k, _l, _widths, _mean, _late };
        }
        public class Trainer { object _model = new Linear(); Func<Tensor, Tensor> _f = new Linear(); public object All() => (_model, _f); }
        """);

    [Fact]
    public async Task FAC009_static_layers_belong_to_no_module()
    {
        string[] messages = await Lab.Check("""
            public partial class Net : Module
            {
                public static readonly Linear {|FAC009:Shared|} = new();
                static Parameter {|FAC009:W|} { get; } = new(); static readonly List<Linear> {|FAC009:s_list|} = [];
                public static Net Default { get; } = new(); public static readonly Tensor Constant = new();
                static readonly ReLU s_act = new(); public static Linear Computed => Make();
                static Linear Make() => new(); const int Width = 3;
                public static object All() => (W, s_list, s_act, Width);
            }
            public static class Zoo { public static readonly Linear Small = new(); }
            """);
        Assert.Equal("'Shared' belongs to no module, so what it holds would be neither trained nor saved: make it an instance field", messages[0]);
    }

    [Fact]
    public async Task FAC010_Forward_is_not_called()
    {
        string[] messages = await Lab.Check("""
            public partial class Net : Module<Tensor, Tensor>
            {
                readonly Linear _fc = new();
                public override Tensor Forward(Tensor x) => {|FAC010:_fc.Forward(x)|};
                public Tensor Predict(Tensor x) => {|FAC010:Forward(x)|};
            }
            public partial class Head : Linear
            {
                public override Tensor Forward(Tensor x) => Forward(base.Forward(x), 2);
                public Tensor Forward(Tensor x, int times) => times == 0 ? x : Forward(x, times - 1);
                public Tensor Twice(Tensor x) => Call(base.Forward(x));
            }
            public partial class Pair : Module<Tensor, Tensor, Tensor> { public override Tensor Forward(Tensor a, Tensor b) => a; }
            public class Other { public Tensor Forward(Tensor x) => x; }
            public class Program
            {
                public static void Run(Net net, Module<Tensor, Tensor> any, Pair pair, Tensor x)
                {
                    {|FAC010:net.Forward(x)|}; {|FAC010:any.Forward(x)|}; {|FAC010:pair.Forward(x, x)|}; net.Call(x);
                    Func<Tensor, Tensor> f = {|FAC010:net.Forward|};
                    new Other().Forward(f(x));
                }
            }
            """);
        Assert.Equal("Forward leaves out the hooks of the module: use Call", messages[0]);
    }
}
