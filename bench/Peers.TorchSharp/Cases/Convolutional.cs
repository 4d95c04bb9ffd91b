using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Bench;

/// <summary>Convolutional networks: whole steps and inference of the tutorial's, and their layers one by one.
/// Those called nhwc in channels-last order.</summary>
static class ConvolutionalCases
{
    public static void Register()
    {
        foreach (int batch in (int[])[1, 4, 16, 64, 128, 256, 512])
            Cases.Add($"cnn-step-{batch}", () => Training(TutorialNetwork(), batch));
        Cases.Add("cnn-step-128-nhwc", static () => Training(TutorialNetwork(), 128, channelsLast: true));
        Cases.Add("cnn-step-128-byhand", static () => Training(new NetworkByHand(), 128));
        Cases.Add("cnn-infer-128", static () => Inference(TutorialNetwork(), 128));
        Cases.Add("cnn-infer-128-nhwc", static () => Inference(TutorialNetwork(), 128, channelsLast: true));
        Cases.Add("cnn-infer-1", static () => Inference(TutorialNetwork(), 1));
        Cases.Add("cnn-infer-1-nhwc", static () => Inference(TutorialNetwork(), 1, channelsLast: true));
        Cases.Add("resnet9-step-128", static () => Training(new ResNet9(), 128));
        Cases.Add("resnet9-step-128-byhand", static () => Training(new ResNet9ByHand(), 128));
        (int Inputs, int Outputs, int Size)[] layers = [(3, 32, 32), (32, 64, 32), (64, 128, 16), (128, 128, 16), (128, 256, 8), (256, 256, 8)];
        for (int i = 0; i < layers.Length; i++)
        {
            (int inputs, int outputs, int size) = layers[i];
            Cases.Add($"conv{i + 1}-forward", () => Forward(Conv2d(inputs, outputs, 3, padding: 1), inputs, size));
            Cases.Add($"conv{i + 1}-step", () => Step(Conv2d(inputs, outputs, 3, padding: 1), inputs, size));
        }
        Cases.Add("mobilenet-block-step", static () => Step(Sequential(Conv2d(64, 64, 3, padding: 1, groups: 64, bias: false), BatchNorm2d(64), ReLU(),
            Conv2d(64, 128, 1, bias: false), BatchNorm2d(128), ReLU()), 64, 32, 32));
        Cases.Add("conv5x5-step", static () => Step(Conv2d(64, 64, 5, padding: 2), 64, 16));
        Cases.Add("conv7x7-stride2-step", static () => Step(Conv2d(3, 64, 7, stride: 2, padding: 3), 3, 64, 32));
        Cases.Add("conv3x3-dilated-step", static () => Step(Conv2d(64, 64, 3, padding: 2, dilation: 2), 64, 16));
        Cases.Add("conv3x3-stride2-step", static () => Step(Conv2d(64, 128, 3, stride: 2, padding: 1), 64, 32));
        Cases.Add("batchnorm-step", static () => Step(BatchNorm2d(64), 64, 32));
        Cases.Add("groupnorm-step", static () => Step(GroupNorm(8, 64), 64, 32));
        Cases.Add("instancenorm-step", static () => Step(InstanceNorm2d(64, affine: true), 64, 32));
        Cases.Add("layernorm-step", static () => Step(LayerNorm(512), randn(4096, 512)));
        Cases.Add("maxpool-step", static () => Step(MaxPool2d(2), 64, 32));
    }

    static TorchSharp.Modules.Sequential TutorialNetwork() => Sequential(
        Conv2d(3, 32, 3, padding: 1), ReLU(), Conv2d(32, 64, 3, padding: 1), ReLU(), MaxPool2d(2),
        Conv2d(64, 128, 3, padding: 1), ReLU(), Conv2d(128, 128, 3, padding: 1), ReLU(), MaxPool2d(2),
        Conv2d(128, 256, 3, padding: 1), ReLU(), Conv2d(256, 256, 3, padding: 1), ReLU(), MaxPool2d(2),
        Flatten(), Linear(256 * 4 * 4, 1024), ReLU(), Linear(1024, 512), ReLU(), Linear(512, 10));

    /// <summary>The tutorial's network with a forward written by hand, as most people write it.</summary>
    sealed class NetworkByHand : Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Conv2d conv1 = Conv2d(3, 32, 3, padding: 1), conv2 = Conv2d(32, 64, 3, padding: 1),
            conv3 = Conv2d(64, 128, 3, padding: 1);
        private readonly TorchSharp.Modules.Conv2d conv4 = Conv2d(128, 128, 3, padding: 1), conv5 = Conv2d(128, 256, 3, padding: 1),
            conv6 = Conv2d(256, 256, 3, padding: 1);
        private readonly TorchSharp.Modules.Linear fc1 = Linear(256 * 4 * 4, 1024), fc2 = Linear(1024, 512), fc3 = Linear(512, 10);

        public NetworkByHand() : base(nameof(NetworkByHand)) => RegisterComponents();

        public override Tensor forward(Tensor x)
        {
            x = functional.relu(conv1.call(x));
            x = functional.relu(conv2.call(x));
            x = functional.max_pool2d(x, 2);
            x = functional.relu(conv3.call(x));
            x = functional.relu(conv4.call(x));
            x = functional.max_pool2d(x, 2);
            x = functional.relu(conv5.call(x));
            x = functional.relu(conv6.call(x));
            x = functional.max_pool2d(x, 2);
            x = x.flatten(1);
            x = functional.relu(fc1.call(x));
            x = functional.relu(fc2.call(x));
            return fc3.call(x);
        }
    }

    static Tensor ToChannelsLast(Tensor x) => x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    static void ToChannelsLast(Module model)
    {
        using var scope = no_grad();
        foreach ((_, TorchSharp.Modules.Parameter parameter) in model.named_parameters())
        {
            if (parameter.dim() == 4) parameter.set_(ToChannelsLast(parameter));
        }
    }

    static Action Training(Module<Tensor, Tensor> model, int batch, bool channelsLast = false)
    {
        Tensor images = randn(batch, 3, 32, 32), labels = randint(0, 10, batch);
        if (channelsLast)
        {
            images = ToChannelsLast(images);
            ToChannelsLast(model);
        }
        optim.Optimizer optimizer = optim.Adam(model.parameters(), 1e-3);
        return () =>
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor loss = functional.cross_entropy(model.call(images), labels);
            loss.backward();
            optimizer.step();
            optimizer.zero_grad();
        };
    }

    static Action Inference(Module<Tensor, Tensor> model, int batch, bool channelsLast = false)
    {
        Tensor images = randn(batch, 3, 32, 32);
        if (channelsLast)
        {
            images = ToChannelsLast(images);
            ToChannelsLast(model);
        }
        model.eval();
        return () =>
        {
            using DisposeScope scope = NewDisposeScope();
            using var mode = no_grad();
            model.call(images);
        };
    }

    static Action Forward(Module<Tensor, Tensor> layer, int channels, int size)
    {
        Tensor x = randn(128, channels, size, size);
        return () =>
        {
            using DisposeScope scope = NewDisposeScope();
            using var mode = no_grad();
            layer.call(x);
        };
    }

    static Action Step(Module<Tensor, Tensor> layer, int channels, int size, int batch = 128) => Step(layer, randn(batch, channels, size, size));

    /// <summary>Forward and the gradients of weights and, unless it is an image, of the input.</summary>
    static Action Step(Module<Tensor, Tensor> layer, Tensor x)
    {
        if (x.dim() == 2 || x.shape[1] != 3) x.requires_grad = true;
        Tensor gradient;
        using (no_grad()) gradient = layer.call(x).clone();
        return () =>
        {
            using DisposeScope scope = NewDisposeScope();
            layer.call(x).backward([gradient]);
            layer.zero_grad();
            if (x.requires_grad) x.grad = null;
        };
    }

    sealed class ResNet9 : Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Sequential conv1 = Block(3, 64), conv2 = Block(64, 128, pool: true),
            res1 = Sequential(Block(128, 128), Block(128, 128));
        private readonly TorchSharp.Modules.Sequential conv3 = Block(128, 256, pool: true), conv4 = Block(256, 512, pool: true),
            res2 = Sequential(Block(512, 512), Block(512, 512));
        private readonly TorchSharp.Modules.Sequential classifier = Sequential(MaxPool2d(4), Flatten(), Linear(512, 10));

        public ResNet9() : base(nameof(ResNet9)) => RegisterComponents();

        static TorchSharp.Modules.Sequential Block(int inputs, int outputs, bool pool = false)
        {
            TorchSharp.Modules.Sequential block = Sequential(Conv2d(inputs, outputs, 3, padding: 1), BatchNorm2d(outputs), ReLU());
            if (pool) block.append(MaxPool2d(2));
            return block;
        }

        public override Tensor forward(Tensor x)
        {
            x = conv2.call(conv1.call(x));
            x = res1.call(x) + x;
            x = conv4.call(conv3.call(x));
            x = res2.call(x) + x;
            return classifier.call(x);
        }
    }

    /// <summary>The same with a forward written by hand.</summary>
    sealed class ResNet9ByHand : Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Conv2d conv1 = Convolution(3, 64), conv2 = Convolution(64, 128), conv3 = Convolution(128, 128),
            conv4 = Convolution(128, 128);
        private readonly TorchSharp.Modules.Conv2d conv5 = Convolution(128, 256), conv6 = Convolution(256, 512), conv7 = Convolution(512, 512),
            conv8 = Convolution(512, 512);
        private readonly TorchSharp.Modules.BatchNorm2d norm1 = BatchNorm2d(64), norm2 = BatchNorm2d(128), norm3 = BatchNorm2d(128), norm4 = BatchNorm2d(128);
        private readonly TorchSharp.Modules.BatchNorm2d norm5 = BatchNorm2d(256), norm6 = BatchNorm2d(512), norm7 = BatchNorm2d(512), norm8 = BatchNorm2d(512);
        private readonly TorchSharp.Modules.Linear classifier = Linear(512, 10);

        public ResNet9ByHand() : base(nameof(ResNet9ByHand)) => RegisterComponents();

        static TorchSharp.Modules.Conv2d Convolution(int inputs, int outputs) => Conv2d(inputs, outputs, 3, padding: 1);

        public override Tensor forward(Tensor x)
        {
            x = functional.relu(norm1.call(conv1.call(x)));
            x = functional.max_pool2d(functional.relu(norm2.call(conv2.call(x))), 2);
            Tensor y = functional.relu(norm3.call(conv3.call(x)));
            x = functional.relu(norm4.call(conv4.call(y))) + x;
            x = functional.max_pool2d(functional.relu(norm5.call(conv5.call(x))), 2);
            x = functional.max_pool2d(functional.relu(norm6.call(conv6.call(x))), 2);
            y = functional.relu(norm7.call(conv7.call(x)));
            x = functional.relu(norm8.call(conv8.call(y))) + x;
            return classifier.call(functional.max_pool2d(x, 4).flatten(1));
        }
    }
}
