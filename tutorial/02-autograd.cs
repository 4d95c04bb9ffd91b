#!/usr/bin/env -S dotnet run -c Release
#:project ../src/Facula/Facula.csproj
#:project shared/Tutorial.csproj

// Chapter 2: autograd.
//
// A gradient tells how much a result changes when one of the numbers that it was computed from changes a little:
// it is the direction in which to turn the knobs.
// Facula remembers which operations led to a result and, asked by Backward, goes through them from the end by the chain rule. Remembering takes memory and
// time, so it is done only for what depends on a tensor with requiresGrad: true.
using Facula;
using Facula.Tutorial;

Chapter.Start(args, "Autograd: gradients, computed for you.");

// Create tensors.
var x = Tensor.From(3f);
var w = Tensor.From(4f, requiresGrad: true);
var b = Tensor.From(5f, requiresGrad: true);

// Arithmetic operation.
var y = w * x + b;
Console.WriteLine(y);

// Compute gradients using autograd.
y.Backward();

// Display gradients: x asked for none.
Console.WriteLine($"dy/dx: {(x.Grad is null ? "None" : x.Grad)}");
Console.WriteLine($"dy/dw: {w.Grad}");
Console.WriteLine($"dy/db: {b.Grad}");

// Gradients add up until they are reset: one tensor may be used in several places, and each adds its share.
(w * 2).Backward();
Console.WriteLine($"after another backward: {w.Grad}");
w.Grad!.ZeroInPlace(); // the ! says that there is one: Grad is null until Backward has been called

// Inside NoGrad nothing is recorded, so a parameter can be changed in place.
using (Autograd.NoGrad()) w -= 0.5;
Console.WriteLine(w);

// Gradients of gradients: d2/dq2 q^3 = 6 q.
var q = Tensor.From(2f, requiresGrad: true);
var dq = Autograd.Grad(q * q * q, q, createGraph: true);
var d2q = Autograd.Grad(dq, q);
Console.WriteLine($"q^3 at 2: first {dq.Item()}, second {d2q.Item()}");

/* Output:
tensor(17., grad_fn=<Add>)
dy/dx: None
dy/dw: tensor(3.)
dy/db: tensor(1.)
after another backward: tensor(5.)
tensor(3.5000, requires_grad=True)
q^3 at 2: first 12, second 12
*/
