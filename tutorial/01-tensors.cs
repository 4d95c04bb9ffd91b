#!/usr/bin/env -S dotnet run -c Release
#:project ../src/Facula/Facula.csproj
#:project shared/Tutorial.csproj

// Chapter 1: tensors.
//
// In an ordinary program people write down the rules and the computer applies them to data. Machine learning turns this round: the computer is given data
// together with the right answers and finds rules by itself, which then answer for data that nobody has answered yet.
//
// Data, answers and rules are all kept in tensors. A tensor is an array of numbers of one type with a regular shape: a number has rank 0, a vector 1, a matrix
// 2, a coloured picture 3 (colour, row, column). A list of lists may have rows of any length and elements of any type; a tensor may not, and so whole
// arrays are computed with at once, at the speed of the processor.
using Facula;
using Facula.Tutorial;
using static Facula.TensorIndex;

Chapter.Start(args, "Tensors: arrays of numbers of any rank.");

// A number, a vector, a matrix, and a tensor of rank 3. The .NET type of the elements decides the tensor's type.
var t1 = Tensor.From(4f);
Console.WriteLine($"{t1}  {t1.DType.PyTorchName}");
var t2 = Tensor.From([1f, 2f, 3f, 4f]);
Console.WriteLine(t2);
var t3 = Tensor.From(new float[,] { { 5, 6 }, { 7, 8 }, { 9, 10 } });
Console.WriteLine(t3);
var t4 = Tensor.From(new float[,,] { { { 11, 12, 13 }, { 13, 14, 15 } }, { { 15, 16, 17 }, { 17, 18, 19.5f } } });
Console.WriteLine(t4);
Console.WriteLine($"{t1.Shape} {t2.Shape} {t3.Shape} {t4.Shape}");

// A tensor is regular: rows of different lengths are an error that says which.
try
{
    Tensor.From(new float[][] { [5, 6, 11], [7, 8], [9, 10] });
}
catch (ArgumentException e)
{
    Console.WriteLine(e.Message);
}

// Arithmetic goes element by element and broadcasts; @ of Python is MatMul.
Console.WriteLine(t3 * 2 + Tensor.From([100f, 200f]));
Console.WriteLine(t3.MatMul(t3.T));

// Elements, ranges, from the end, new dimensions, masks: all views but the last, so nothing is copied.
Console.WriteLine(t3[0]);
Console.WriteLine(t3[.., ^1]);
Console.WriteLine(t4[0, .., 1..]);
Console.WriteLine(t2[NewAxis, ..].Shape);
Console.WriteLine(t2[t2 > 2]);

// Other shapes of the same elements, joining, reducing.
Console.WriteLine(t4.Reshape(3, -1));
Console.WriteLine(Tensor.Cat([t3, Tensor.Ones(1, 2)]));
Console.WriteLine($"{t3.Sum()} {t3.Mean(0)} {t3.Max(1).Indices}");

// To and from .NET, as PyTorch does with NumPy: spans see the elements where they lie, if that is the processor's memory.
float[] back = t3.ToArray<float>();
t2 = t2.To(Device.Cpu);
t2.AsSpan<float>()[0] = 42;
Console.WriteLine($"{back.Length} {t2[0].Item()}");

Console.WriteLine($"sum of all: {t4.Sum().Item():F1}");

/* Output:
tensor(4.)  float32
tensor([1., 2., 3., 4.])
tensor([[ 5.,  6.],
        [ 7.,  8.],
        [ 9., 10.]])
tensor([[[11.0000, 12.0000, 13.0000],
         [13.0000, 14.0000, 15.0000]],

        [[15.0000, 16.0000, 17.0000],
         [17.0000, 18.0000, 19.5000]]])
[] [4] [3, 2] [2, 2, 3]
From: row [1] has 2 elements where the first row has 3; all rows of a tensor are equally long.
tensor([[110., 212.],
        [114., 216.],
        [118., 220.]])
tensor([[ 61.,  83., 105.],
        [ 83., 113., 143.],
        [105., 143., 181.]])
tensor([5., 6.])
tensor([ 6.,  8., 10.])
tensor([[12., 13.],
        [14., 15.]])
[1, 4]
tensor([3., 4.])
tensor([[11.0000, 12.0000, 13.0000, 13.0000],
        [14.0000, 15.0000, 15.0000, 16.0000],
        [17.0000, 17.0000, 18.0000, 19.5000]])
tensor([[ 5.,  6.],
        [ 7.,  8.],
        [ 9., 10.],
        [ 1.,  1.]])
tensor(45.) tensor([7., 8.]) tensor([1, 1, 1])
6 42
sum of all: 180.5
*/
