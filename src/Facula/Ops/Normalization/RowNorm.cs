using Facula.Backends;

namespace Facula;

/// <summary>Normalisation of rows by their own statistics.</summary>
internal sealed class RowNormNode : Node
{
    private readonly string _name;
    private readonly int _size;
    private readonly double _eps;
    private readonly bool _hasWeight, _centred;

    public RowNormNode(string name, Tensor x, Tensor? weight, Tensor? means, Tensor scales, int size, double eps)
    {
        (_name, _size, _eps, _hasWeight, _centred) = (name, size, eps, weight is not null, means is not null);
        Save(x, weight, means);
        SaveMore(scales);
    }

    public override string Name => _name;

    protected override void Backward(Tensor gradient, Gradients into)
    {
        Tensor x = A, scales = More(0);
        Tensor? weight = _hasWeight ? B : null, means = _centred ? C : null;
        bool wantsWeight = into.Count > 1 && into.Wants(1), wantsBias = into.Count > 2 && into.Wants(2);
        if (into.CreateGraph)
        {
            int count = scales.Layout.Shape[0];
            Tensor rows = x.Reshape(count, _size), g = gradient.Reshape(count, _size);
            Tensor centred = _centred ? rows - rows.Mean(1, keepDim: true) : rows;
            Tensor inverse = (centred.Square().Mean(1, keepDim: true) + _eps).Rsqrt(), normal = centred * inverse;
            if (into.Wants(0))
            {
                Tensor weighted = weight is null ? g : g * weight.Reshape(_size);
                Tensor own = weighted - normal * (weighted * normal).Mean(1, keepDim: true);
                into[0] = ((_centred ? own - weighted.Mean(1, keepDim: true) : own) * inverse).Reshape(x.Shape);
            }
            if (wantsWeight) into[1] = (g * normal).Sum(0).Reshape(weight!.Shape);
            if (wantsBias) into[2] = g.Sum(0).Reshape(InputShape(2));
            return;
        }
        Tensor plain = gradient.Contiguous();
        Tensor? ofInput = into.Wants(0) ? Tensor.Allocate(Layout.Contiguous(x.Layout.Shape), x.DType, x.Device) : null;
        Tensor? ofWeight = wantsWeight ? Tensor.Allocate(Layout.Contiguous(weight!.Layout.Shape), x.DType, x.Device) : null;
        Tensor? ofBias = wantsBias ? Tensor.Allocate(Layout.Contiguous(InputShape(2)), x.DType, x.Device) : null;
        if (x.Count > 0)
        {
            x.Device.Backend.RowNormGrad(Tensor.Rows(plain, _size), Tensor.Rows(x, _size), Tensor.RowOrNull(weight, _size), means?.Operand, scales.Operand,
                ofInput is null ? null : Tensor.Rows(ofInput, _size), Tensor.RowOrNull(ofWeight, _size), Tensor.RowOrNull(ofBias, _size));
        }
        else
        {
            ofWeight?.ZeroInPlace();
            ofBias?.ZeroInPlace();
        }
        into[0] = ofInput;
        if (wantsWeight) into[1] = ofWeight;
        if (wantsBias) into[2] = ofBias;
    }

    private int[] InputShape(int input) => Inputs[input].Node!.InfoOf(Inputs[input].Output).Layout.Shape;
}

public partial class Tensor
{
    /// <summary>
    /// Each run of so many elements of x normalised by its own mean and variance, or by its mean square alone where not centred;
    /// weight and bias have as many elements.
    /// </summary>
    internal static Tensor RowNorm(string name, Tensor x, Tensor? weight, Tensor? bias, int size, double eps, bool centred)
    {
        (x, weight, bias) = (x.Contiguous(), weight?.Contiguous(), bias?.Contiguous());
        Tensor y = Allocate(Layout.Contiguous(x.Layout.Shape), x.DType, x.Device);
        bool records = GradMode.Records([x, weight, bias]);
        Layout rows = Layout.Contiguous([size == 0 ? 0 : (int)(x.Count / size)]);
        Tensor? means = records && centred ? Allocate(rows, x.DType.Compute, x.Device) : null,
            scales = records ? Allocate(rows, x.DType.Compute, x.Device) : null;
        if (y.Count > 0)
        {
            x.Device.Backend.RowNorm(Rows(x, size), RowOrNull(weight, size), RowOrNull(bias, size), eps, centred, Rows(y, size), means?.Operand,
                scales?.Operand);
        }
        return records ? new RowNormNode(name, x, weight, means, scales!, size, eps).Record(y, x, weight, bias) : y;
    }

    /// <summary>What a backend sees of a contiguous tensor cut into rows.</summary>
    internal static Operand Rows(Tensor x, int size) => x.Operand.With(x.Layout.Reshape([(int)(x.Count / size), size])!);

    internal static Operand? RowOrNull(Tensor? x, int size) => x is null ? null : x.Operand.With(x.Layout.Reshape([size])!);
}
