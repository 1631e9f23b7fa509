using Llama2.Tests;

namespace Llama2.Training.Tests;

/// <summary>Trained models and adapters, saved in all forms in which models are used.</summary>
public class LlamaTrainerSavingTests(TinyTraining tiny) : IClassFixture<TinyTraining>
{
    [Theory]
    [InlineData("F32", null, 2e-3)]
    [InlineData("F32", ModelQuantization.F32, 1e-5)]
    [InlineData("F32", ModelQuantization.Q8_0, 0.02)]
    [InlineData("Q8_0", null, 2e-3)]
    [InlineData("Q8_0", ModelQuantization.F16, 2e-3)]
    public void SaveMergedModel_AnyQuantization_GivesTheTrainersLossWithoutAdapters(string model, ModelQuantization? quantization, double tolerance)
    {
        string path = tiny.Path($"merged-{model}-{quantization}.gguf");
        using LlamaTrainer trainer = Trained(model);
        double loss = trainer.Evaluate(TinyTraining.Data);

        trainer.SaveMergedModel(path, new AdapterMergeOptions { Quantization = quantization });

        // The tolerance is the effect of the type's rounding, measured with the saved model.
        Loss(path).Should().BeApproximately(loss, tolerance);
        Loss(tiny.Model(model)).Should().BeGreaterThan(loss + 0.1, "or this test shows nothing");
    }

    [Fact]
    public void RequireOriginal_AnotherModel_IsRefused()
    {
        ModelQuantizer.Quantize(tiny.Model("F32"), tiny.Model("required"), ModelQuantization.Q8_0);
        using LlamaTrainer trainer = LlamaTrainer.Open(tiny.Model("required"), TinyTraining.Options);

        FluentActions.Invoking(() => trainer.RequireOriginal(tiny.Model("F32"))).Should().NotThrow();
        FluentActions.Invoking(() => trainer.RequireOriginal(RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf"))).Should().Throw<ModelFormatException>().WithMessage("*it must be the original*");
    }

    [Fact]
    public void SaveMergedModel_IsWhatTheSavedAdapterMergedGives()
    {
        using LlamaTrainer trainer = Trained("F32");
        trainer.SaveAdapter(tiny.Path("twin-adapter.gguf"));
        AdapterMerger.Merge(tiny.Model("F32"), [(tiny.Path("twin-adapter.gguf"), 1)], tiny.Path("twin-merged.gguf"), new AdapterMergeOptions { Quantization = ModelQuantization.Q4_0 });

        trainer.SaveMergedModel(tiny.Path("straight.gguf"), new AdapterMergeOptions { Quantization = ModelQuantization.Q4_0 });

        File.ReadAllBytes(tiny.Path("straight.gguf")).Should().Equal(File.ReadAllBytes(tiny.Path("twin-merged.gguf")));
    }

    [Theory]
    [InlineData(ModelQuantization.F32)]
    [InlineData(ModelQuantization.BF16)]
    public void SaveMergedModel_Folder_IsReadAsTheModelItIs(ModelQuantization type)
    {
        using LlamaTrainer trainer = Trained("F32");

        trainer.SaveMergedModel(tiny.Path($"merged-{type}"), new AdapterMergeOptions { Quantization = type });

        File.Exists(Path.Combine(tiny.Path($"merged-{type}"), "model.safetensors")).Should().BeTrue();
        Loss(tiny.Path($"merged-{type}")).Should().BeApproximately(trainer.Evaluate(TinyTraining.Data), type == ModelQuantization.F32 ? 1e-5 : 0.02);
    }

    [Theory]
    [InlineData(null, 1e-5)]
    [InlineData(ModelQuantization.F16, 2e-3)]
    [InlineData(ModelQuantization.Q8_0, 0.02)]
    public void SaveModel_AllWeightsTrained_IsWrittenInAnyFormat(ModelQuantization? quantization, double tolerance)
    {
        string path = tiny.Path($"whole-{quantization}.gguf"), folder = tiny.Path($"whole-{quantization}");
        using LlamaTrainer trainer = Whole();
        double loss = trainer.Evaluate(TinyTraining.Data);

        trainer.SaveModel(path, quantization);
        Loss(path).Should().BeApproximately(loss, tolerance);
        if (quantization == ModelQuantization.Q8_0)
        {
            FluentActions.Invoking(() => trainer.SaveModel(folder, quantization)).Should().Throw<ArgumentException>().WithMessage("*folder of safetensors has F32, F16 or BF16, not Q8_0*");
            FluentActions.Invoking(() => trainer.SaveModel(path, (ModelQuantization)4)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*not one of*Q4_K_M*");
            Directory.Exists(folder).Should().BeFalse();
        }
        else
        {
            trainer.SaveModel(folder, quantization);
            Loss(folder).Should().BeApproximately(loss, tolerance);
        }
    }

    [Theory]
    [InlineData("cancelled.gguf", null)]
    [InlineData("cancelled.gguf", ModelQuantization.Q8_0)]
    [InlineData("cancelled", null)]
    public void Save_Progress_RisesToTheWholeAndMayCancel(string name, ModelQuantization? quantization)
    {
        using LlamaTrainer whole = Whole(), adapters = Trained("F32");
        foreach (Action<IProgress<ByteProgress>, CancellationToken> save in new Action<IProgress<ByteProgress>, CancellationToken>[]
        {
            (progress, token) => whole.SaveModel(tiny.Path(name), quantization, progress: progress, cancellationToken: token),
            (progress, token) => adapters.SaveMergedModel(tiny.Path(name), new AdapterMergeOptions { Quantization = quantization }, progress: progress, cancellationToken: token),
        })
        {
            using var cancellation = new CancellationTokenSource();
            FluentActions.Invoking(() => save(new Reports(_ => cancellation.Cancel()), cancellation.Token)).Should().Throw<OperationCanceledException>();
            Path.Exists(tiny.Path(name)).Should().BeFalse();

            List<double> fractions = [];
            save(new Reports(report => fractions.Add(report.Fraction)), CancellationToken.None);
            fractions.Should().BeInAscendingOrder().And.EndWith(1);
            Loss(tiny.Path(name)).Should().BePositive();
            if (Directory.Exists(tiny.Path(name)))
                Directory.Delete(tiny.Path(name), recursive: true);
            else
                File.Delete(tiny.Path(name));
        }
    }

    [Fact]
    public void Save_OfWhatWasNotTrained_SaysWhatToUse()
    {
        using LlamaTrainer adapters = Trained("F32"), whole = Whole();

        FluentActions.Invoking(() => adapters.SaveModel(tiny.Path("x.gguf"))).Should().Throw<InvalidOperationException>().WithMessage("*SaveMergedModel*");
        FluentActions.Invoking(() => whole.SaveMergedModel(tiny.Path("x.gguf"))).Should().Throw<InvalidOperationException>().WithMessage("*SaveModel*");
    }

    [Fact]
    public void SaveMergedModel_ModelWasReplaced_IsRefused()
    {
        string model = tiny.Path("replaced.gguf");
        File.Copy(tiny.Model("F32"), model);
        using LlamaTrainer trainer = LlamaTrainer.Open(model, TinyTraining.Options with { MaxStepCount = 1 });
        File.Copy(tiny.Model("Q8_0"), model, overwrite: true);

        FluentActions.Invoking(() => trainer.SaveMergedModel(tiny.Path("none.gguf"))).Should().Throw<ModelFormatException>().WithMessage("*the content is different from when training began*");
        File.Exists(tiny.Path("none.gguf")).Should().BeFalse();
    }

    [Fact]
    public void SaveMergedModel_Original_TakesTheChangeInsteadOfTheQuantizedModel()
    {
        string path = tiny.Path("merged-original.gguf"), straight = tiny.Path("merged-original-adapter.gguf");
        ModelQuantizer.Quantize(tiny.Model("F32"), tiny.Model("of-F32"), ModelQuantization.Q8_0);
        using LlamaTrainer trainer = Trained("of-F32");
        trainer.SaveAdapter(tiny.Path("original-adapter.gguf"));
        AdapterMerger.Merge(tiny.Model("F32"), [(tiny.Path("original-adapter.gguf"), 1)], straight, new AdapterMergeOptions { Quantization = ModelQuantization.Q4_0 });

        trainer.SaveMergedModel(path, new AdapterMergeOptions { Quantization = ModelQuantization.Q4_0 }, tiny.Model("F32"))!.Survival.Should().BeInRange(0.9, 1.1);

        File.ReadAllBytes(path).Should().Equal(File.ReadAllBytes(straight));
    }

    [Fact]
    public void SaveMergedModel_OriginalOfAnotherModel_IsRefused()
    {
        using LlamaTrainer trainer = LlamaTrainer.Open(tiny.Model("Q8_0"), TinyTraining.Options with { MaxStepCount = 1 });
        FluentActions.Invoking(() => trainer.SaveMergedModel(tiny.Path("none.gguf"), originalPath: tiny.Model("F32"))).Should().Throw<ModelFormatException>().WithMessage("*a difference of*must be the original*");
        FluentActions.Invoking(() => trainer.SaveMergedModel(tiny.Path("none.gguf"), originalPath: RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf"))).Should().Throw<ModelFormatException>().WithMessage("*the vocabulary*other tokens*");
        File.Exists(tiny.Path("none.gguf")).Should().BeFalse();
    }

    private LlamaTrainer Trained(string model)
    {
        LlamaTrainer trainer = LlamaTrainer.Open(tiny.Model(model), TinyTraining.Options);
        trainer.Train(TinyTraining.Data);
        return trainer;
    }

    private LlamaTrainer Whole()
    {
        LlamaTrainer trainer = LlamaTrainer.Open(tiny.Model("F32"), TinyTraining.Options with { Lora = null, EpochCount = 2 });
        trainer.Train(TinyTraining.Data);
        return trainer;
    }

    private static double Loss(string model)
    {
        using LlamaTrainer trainer = LlamaTrainer.Open(model, TinyTraining.Options);
        return trainer.Evaluate(TinyTraining.Data);
    }

    private sealed class Reports(Action<ByteProgress> report) : IProgress<ByteProgress>
    {
        public void Report(ByteProgress value) => report(value);
    }
}
