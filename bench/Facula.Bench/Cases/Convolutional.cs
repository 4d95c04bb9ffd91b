using Facula;
using Facula.NN;
using Facula.Optim;
using F = Facula.NN.Functional;

namespace Bench;

/// <summary>Convolutional networks: whole steps and inference of the tutorial's, and their layers one by one.</summary>
static partial class ConvolutionalCases
{
    public static void Register()
    {
        foreach (int batch in (int[])[1, 4, 16, 64, 128, 256, 512])
            Cases.Add($"cnn-step-{batch}", () => Training(TutorialNetwork(), batch));
        Cases.Add("cnn-step-128-nhwc", static () => Training(TutorialNetwork(), 128));
        Cases.Add("cnn-step-128-byhand", static () => Training(new NetworkByHand(), 128));
        Cases.Add("cnn-infer-128", static () => Inference(TutorialNetwork(), 128));
        Cases.Add("cnn-infer-128-nhwc", static () => Inference(TutorialNetwork(), 128));
        Cases.Add("cnn-infer-1", static () => Inference(TutorialNetwork(), 1));
        Cases.Add("cnn-infer-1-nhwc", static () => Inference(TutorialNetwork(), 1));
        Cases.Add("resnet9-step-128", static () => Training(new ResNet9(), 128));
        Cases.Add("resnet9-step-128-byhand", static () => Training(new ResNet9ByHand(), 128));
        (int Inputs, int Outputs, int Size)[] layers = [(3, 32, 32), (32, 64, 32), (64, 128, 16), (128, 128, 16), (128, 256, 8), (256, 256, 8)];
        for (int i = 0; i < layers.Length; i++)
        {
            (int inputs, int outputs, int size) = layers[i];
            Cases.Add($"conv{i + 1}-forward", () => Forward(new Conv2d(inputs, outputs, 3, padding: 1), inputs, size));
            Cases.Add($"conv{i + 1}-step", () => Step(new Conv2d(inputs, outputs, 3, padding: 1), inputs, size));
        }
        Cases.Add("mobilenet-block-step",
            static () => Step(new Sequential(new Conv2d(64, 64, 3, padding: 1, groups: 64, bias: false), new BatchNorm2d(64), new Relu(),
            new Conv2d(64, 128, 1, bias: false), new BatchNorm2d(128), new Relu()), 64, 32, 32));
        Cases.Add("conv5x5-step", static () => Step(new Conv2d(64, 64, 5, padding: 2), 64, 16));
        Cases.Add("conv7x7-stride2-step", static () => Step(new Conv2d(3, 64, 7, stride: 2, padding: 3), 3, 64, 32));
        Cases.Add("conv3x3-dilated-step", static () => Step(new Conv2d(64, 64, 3, padding: 2, dilation: 2), 64, 16));
        Cases.Add("conv3x3-stride2-step", static () => Step(new Conv2d(64, 128, 3, stride: 2, padding: 1), 64, 32));
        Cases.Add("batchnorm-step", static () => Step(new BatchNorm2d(64), 64, 32));
        Cases.Add("groupnorm-step", static () => Step(new GroupNorm(8, 64), 64, 32));
        Cases.Add("instancenorm-step", static () => Step(new InstanceNorm2d(64, affine: true), 64, 32));
        Cases.Add("layernorm-step", static () => Step(new LayerNorm(512), Tensor.Randn(4096, 512)));
        Cases.Add("maxpool-step", static () => Step(new MaxPool2d(2), 64, 32));
    }

    public static Sequential TutorialNetwork() => new(
        new Conv2d(3, 32, 3, padding: 1), new Relu(), new Conv2d(32, 64, 3, padding: 1), new Relu(), new MaxPool2d(2),
        new Conv2d(64, 128, 3, padding: 1), new Relu(), new Conv2d(128, 128, 3, padding: 1), new Relu(), new MaxPool2d(2),
        new Conv2d(128, 256, 3, padding: 1), new Relu(), new Conv2d(256, 256, 3, padding: 1), new Relu(), new MaxPool2d(2),
        new Flatten(), new Linear(256 * 4 * 4, 1024), new Relu(), new Linear(1024, 512), new Relu(), new Linear(512, 10));

    /// <summary>The tutorial's network with a Forward written by hand, as most people write it.</summary>
    sealed partial class NetworkByHand : Module<Tensor, Tensor>
    {
        private readonly Conv2d conv1 = new(3, 32, 3, padding: 1), conv2 = new(32, 64, 3, padding: 1), conv3 = new(64, 128, 3, padding: 1);
        private readonly Conv2d conv4 = new(128, 128, 3, padding: 1), conv5 = new(128, 256, 3, padding: 1), conv6 = new(256, 256, 3, padding: 1);
        private readonly Linear fc1 = new(256 * 4 * 4, 1024), fc2 = new(1024, 512), fc3 = new(512, 10);

        public override Tensor Forward(Tensor x)
        {
            x = F.Relu(conv1.Call(x));
            x = F.Relu(conv2.Call(x));
            x = F.MaxPool2d(x, 2);
            x = F.Relu(conv3.Call(x));
            x = F.Relu(conv4.Call(x));
            x = F.MaxPool2d(x, 2);
            x = F.Relu(conv5.Call(x));
            x = F.Relu(conv6.Call(x));
            x = F.MaxPool2d(x, 2);
            x = x.Flatten(1);
            x = F.Relu(fc1.Call(x));
            x = F.Relu(fc2.Call(x));
            return fc3.Call(x);
        }
    }

    static Action Training(Module<Tensor, Tensor> model, int batch)
    {
        Tensor images = Tensor.Randn(batch, 3, 32, 32), labels = Tensor.RandInt(0, 10, [batch]);
        var optimizer = new Adam(model.Parameters(), 1e-3);
        return () =>
        {
            Tensor loss = F.CrossEntropy(model.Call(images), labels);
            loss.Backward();
            optimizer.Step();
            optimizer.ZeroGrad();
        };
    }

    static Action Inference(Module<Tensor, Tensor> model, int batch)
    {
        Tensor images = Tensor.Randn(batch, 3, 32, 32);
        model.Eval();
        return () =>
        {
            using GradModeScope scope = Autograd.NoGrad();
            model.Call(images).Dispose();
        };
    }

    static Tensor Input(int channels, int size, int batch) => Tensor.Randn(batch, channels, size, size);

    /// <summary>On an input in the order in which layers leave their outputs, as inside a network.</summary>
    static Tensor Between(Tensor x, bool requiresGrad)
    {
        int channels = x.Size(1);
        if (channels == 3) return x;
        using GradModeScope scope = Autograd.NoGrad();
        Tensor y = F.Conv2d(x, Tensor.Eye(channels).Reshape(channels, channels, 1, 1));
        y.RequiresGrad = requiresGrad;
        return y;
    }

    static Action Forward(Module<Tensor, Tensor> layer, int channels, int size)
    {
        Tensor x = Between(Input(channels, size, 128), false);
        return () =>
        {
            using GradModeScope scope = Autograd.NoGrad();
            layer.Call(x).Dispose();
        };
    }

    static Action Step(Module<Tensor, Tensor> layer, int channels, int size, int batch = 128) => Step(layer, Between(Input(channels, size, batch), true));

    /// <summary>Forward and the gradients of weights and, unless it is an image, of the input.</summary>
    static Action Step(Module<Tensor, Tensor> layer, Tensor x)
    {
        if (x.Rank == 2 || x.Size(1) != 3) x.RequiresGrad = true;
        Tensor gradient;
        using (Autograd.NoGrad()) gradient = layer.Call(x) * 1;
        return () =>
        {
            layer.Call(x).Backward(gradient);
            layer.ZeroGrad();
            x.Grad = null;
        };
    }

    sealed partial class ResNet9 : Module<Tensor, Tensor>
    {
        private readonly Sequential conv1 = Block(3, 64), conv2 = Block(64, 128, pool: true), res1 = new(Block(128, 128), Block(128, 128));
        private readonly Sequential conv3 = Block(128, 256, pool: true), conv4 = Block(256, 512, pool: true), res2 = new(Block(512, 512), Block(512, 512));
        private readonly Sequential classifier = new(new MaxPool2d(4), new Flatten(), new Linear(512, 10));

        static Sequential Block(int inputs, int outputs, bool pool = false)
        {
            var block = new Sequential(new Conv2d(inputs, outputs, 3, padding: 1), new BatchNorm2d(outputs), new Relu());
            if (pool) block.Add(new MaxPool2d(2));
            return block;
        }

        public override Tensor Forward(Tensor x)
        {
            x = conv2.Call(conv1.Call(x));
            x = res1.Call(x) + x;
            x = conv4.Call(conv3.Call(x));
            x = res2.Call(x) + x;
            return classifier.Call(x);
        }
    }

    /// <summary>The same with a Forward written by hand.</summary>
    sealed partial class ResNet9ByHand : Module<Tensor, Tensor>
    {
        private readonly Conv2d conv1 = Convolution(3, 64), conv2 = Convolution(64, 128), conv3 = Convolution(128, 128), conv4 = Convolution(128, 128);
        private readonly Conv2d conv5 = Convolution(128, 256), conv6 = Convolution(256, 512), conv7 = Convolution(512, 512), conv8 = Convolution(512, 512);
        private readonly BatchNorm2d norm1 = new(64), norm2 = new(128), norm3 = new(128), norm4 = new(128), norm5 = new(256), norm6 = new(512),
            norm7 = new(512), norm8 = new(512);
        private readonly Linear classifier = new(512, 10);

        static Conv2d Convolution(int inputs, int outputs) => new(inputs, outputs, 3, padding: 1);

        public override Tensor Forward(Tensor x)
        {
            x = F.Relu(norm1.Call(conv1.Call(x)));
            x = F.MaxPool2d(F.Relu(norm2.Call(conv2.Call(x))), 2);
            Tensor y = F.Relu(norm3.Call(conv3.Call(x)));
            x = F.Relu(norm4.Call(conv4.Call(y))) + x;
            x = F.MaxPool2d(F.Relu(norm5.Call(conv5.Call(x))), 2);
            x = F.MaxPool2d(F.Relu(norm6.Call(conv6.Call(x))), 2);
            y = F.Relu(norm7.Call(conv7.Call(x)));
            x = F.Relu(norm8.Call(conv8.Call(y))) + x;
            return classifier.Call(F.MaxPool2d(x, 4).Flatten(1));
        }
    }
}
