' The program of Program.cs in Visual Basic, where a module lists its members by hand.
Imports Facula
Imports Facula.IO
Imports Facula.NN
Imports Facula.Optim

Class Net
    Inherits [Module](Of Tensor, Tensor)

    Private ReadOnly Hidden As New Linear(4, 8)
    Private ReadOnly Output As New Linear(8, 1)

    Protected Overrides Sub VisitMembers(visitor As MemberVisitor)
        visitor.Child("hidden", Hidden)
        visitor.Child("output", Output)
    End Sub

    Public Overrides Function Forward(x As Tensor) As Tensor
        Return Output.Call(Functional.Relu(Hidden.Call(x)))
    End Function
End Class

Friend Module Program
    Sub Main()
        Dim model As New Net()
        Dim optimizer As New Adam(model.Parameters(), learningRate:=0.01)
        Dim x = Tensor.Rand({64, 4}), y = x.Sum({1}, keepDim:=True)
        Dim before = Functional.MseLoss(model.Call(x), y).Item()
        For i = 1 To 200
            Dim loss = Functional.MseLoss(model.Call(x), y)
            optimizer.ZeroGrad()
            loss.Backward()
            optimizer.Step()
        Next
        Dim after = Functional.MseLoss(model.Call(x), y).Item()

        model.Save("net.safetensors")
        Dim loaded As New Net()
        loaded.Load("net.safetensors")
        Dim same = loaded.Call(x).ToArray(Of Single)().SequenceEqual(model.Call(x).ToArray(Of Single)())
        Console.WriteLine($"{model.Parameters().Sum(Function(p) p.Count)} parameters, learned: {after < before / 2}, loaded: {same}")
    End Sub
End Module
