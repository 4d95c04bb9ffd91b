// The program of Program.cs in F#, where a module lists its members by hand.
open System.Linq
open Facula
open Facula.IO
open Facula.NN
open Facula.Optim

type Net() =
    inherit Module<Tensor, Tensor>()
    let hidden = new Linear(4, 8)
    let output = new Linear(8, 1)

    override _.VisitMembers(visitor) =
        visitor.Child("hidden", hidden)
        visitor.Child("output", output)

    override _.Forward(x) = output.Call(Functional.Relu(hidden.Call(x)))

let model = Net()
let optimizer = Adam(Seq.cast<Tensor> (model.Parameters()), learningRate = 0.01)
let x = Tensor.Rand([| 64; 4 |])
let y = x.Sum([| 1 |], keepDim = true)
let loss () = Functional.MseLoss(model.Call(x), y)
let before = loss().Item()

for _ in 1..200 do
    let error = loss ()
    optimizer.ZeroGrad()
    error.Backward()
    optimizer.Step()

model.Save("net.safetensors")
let loaded = Net()
loaded.Load("net.safetensors") |> ignore
let same = Enumerable.SequenceEqual(loaded.Call(x).ToArray<float32>(), model.Call(x).ToArray<float32>())
let count = model.Parameters() |> Seq.sumBy (fun p -> p.Count)
printfn $"%d{count} parameters, learned: {loss().Item() < before / 2.0f}, loaded: {same}"
