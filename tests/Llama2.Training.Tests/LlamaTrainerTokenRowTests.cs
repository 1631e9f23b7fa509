namespace Llama2.Training.Tests;

/// <summary>Rows of single tokens that are trained beside LoRA, from the model to the files.</summary>
public sealed class LlamaTrainerTokenRowTests(TinyTraining tiny) : IClassFixture<TinyTraining>
{
    // Tokens of the data, and one that does not occur in it.
    private static readonly int[] s_embeddings = [.. TinyTraining.Data.Samples[0].Tokens.ToArray().Distinct().Take(3), 31_999], s_outputs = [.. TinyTraining.Data.Samples[1].Tokens.ToArray().Distinct().Take(5)];

    private static TrainingOptions Options => TinyTraining.Options with { Lora = new LoraOptions { Rank = 4, Alpha = 8, EmbeddingTokens = s_embeddings, OutputTokens = s_outputs }, MaxStepCount = 6 };

    [Theory]
    [InlineData("gguf")]
    [InlineData("peft")]
    [InlineData("merged")]
    [InlineData("merged folder")]
    public async Task Save_Rows_GivesTheTrainersLoss(string form)
    {
        using LlamaTrainer trainer = Open(Options with { EpochCount = 8, MaxStepCount = null }), plain = Open(Options with { Lora = new LoraOptions { Rank = 4, Alpha = 8 } });
        trainer.Train(TinyTraining.Data);
        double loss = trainer.Evaluate(TinyTraining.Data);
        string path = tiny.Path($"rows-{form}{(form is "gguf" or "merged" ? ".gguf" : "")}");
        Save(trainer, path, form);

        using LlamaModel model = LlamaModel.Load(form.StartsWith("merged", StringComparison.Ordinal) ? path : tiny.Model("F32"));
        if (form.StartsWith("merged", StringComparison.Ordinal))
        {
            (await TinyTraining.LossOf(model, [])).Should().BeApproximately(loss, 1e-5);
            return;
        }

        using LlamaAdapter adapter = model.LoadAdapter(path);
        (await TinyTraining.LossOf(model, [new(adapter)])).Should().BeApproximately(loss, 1e-5);
        (await TinyTraining.LossOf(model, [])).Should().BeGreaterThan(loss + 0.1);
        trainer.ParameterCount.Should().Be(plain.ParameterCount + (4 + 5) * 64);
        AdapterInformation information = AdapterInformation.Read(path);
        information.ParameterCount.Should().Be(trainer.ParameterCount);
        information.Tensors.Where(tensor => tensor.Rank == 0).Select(tensor => (tensor.BaseName, tensor.RowCount)).Should().Equal(("output.weight", 5), ("token_embd.weight", 4));
        information.TrainingRecords.Should().ContainSingle().Which.Settings.Should().Contain($"embeddings of the tokens {string.Join(' ', s_embeddings)}, output rows of the tokens {string.Join(' ', s_outputs)}");
    }

    // The rows of a model whose output matrix shares the embeddings are trained once for both.
    [Theory]
    [InlineData("gguf")]
    [InlineData("peft")]
    [InlineData("merged")]
    public async Task Save_RowsOfATiedModel_GivesTheTrainersLoss(string form)
    {
        string tied = tiny.Path($"tied-{form}.gguf"), path = tiny.Path($"tied-rows-{form}{(form is "peft" ? "" : ".gguf")}");
        using (LlamaTrainer whole = LlamaTrainer.Create(tiny.Model("F32"), new ModelShape(32, 1, 2, 1, 48, 64), TinyTraining.Options with { Lora = null, MaxStepCount = 1 }))
        {
            whole.Train(TinyTraining.Data);
            whole.SaveModel(tied);
        }

        using LlamaTrainer trainer = LlamaTrainer.Open(tied, Options with { Lora = new LoraOptions { Rank = 2, EmbeddingTokens = s_embeddings } });
        trainer.Train(TinyTraining.Data);
        double loss = trainer.Evaluate(TinyTraining.Data);
        Save(trainer, path, form);

        using LlamaModel model = LlamaModel.Load(form == "merged" ? path : tied);
        using LlamaAdapter? adapter = form == "merged" ? null : model.LoadAdapter(path);
        (await TinyTraining.LossOf(model, adapter is null ? [] : [new(adapter)])).Should().BeApproximately(loss, 1e-5);
        FluentActions.Invoking(() => LlamaTrainer.Open(tied, Options)).Should().Throw<ArgumentException>().WithMessage("The output matrix shares the embeddings*(LoraOptions.OutputTokens, --train-tokens)*");
    }

    [Fact]
    public void Train_AnyThreadCountAndActivationsKeptOrNot_GivesTheSameBits()
    {
        byte[][] saved = [.. new[] { (1, true), (2, true), (3, true), (2, false) }.Select(run =>
        {
            using LlamaTrainer trainer = Open(Options with { ThreadCount = run.Item1, RecomputeActivations = run.Item2 });
            trainer.Train(TinyTraining.Data);
            return Saved(trainer);
        })];

        saved.Skip(1).Should().AllSatisfy(bytes => bytes.Should().Equal(saved[0]));
    }

    [Fact]
    public void Resume_InTheMiddle_GivesTheSameBits()
    {
        string checkpoint = tiny.Path($"{Guid.NewGuid():N}.checkpoint");
        TrainingOptions options = Options with { CheckpointPath = checkpoint, CheckpointInterval = 3 };
        using LlamaTrainer whole = Open(options with { CheckpointPath = null }), first = Open(options), second = Open(options);
        whole.Train(TinyTraining.Data);
        using var cancellation = new CancellationTokenSource();
        FluentActions.Invoking(() => first.Train(TinyTraining.Data, progress: new Canceller(cancellation, 3), cancellationToken: cancellation.Token)).Should().Throw<OperationCanceledException>();

        second.Resume(checkpoint);
        second.Train(TinyTraining.Data);

        Saved(second).Should().Equal(Saved(whole));
        using LlamaTrainer other = Open(options with { Lora = options.Lora! with { OutputTokens = [.. s_outputs.Reverse()] } });
        FluentActions.Invoking(() => other.Resume(checkpoint)).Should().Throw<CheckpointException>().WithMessage("*other options*");
    }

    [Fact]
    public void Options_TokensThatCannotBeTrained_AreRefused()
    {
        FluentActions.Invoking(() => new LoraOptions { EmbeddingTokens = [1, 2, 1] }).Should().Throw<ArgumentException>().WithMessage("*each may occur once*");
        FluentActions.Invoking(() => new LoraOptions { OutputTokens = [-1] }).Should().Throw<ArgumentException>().WithMessage("*from 0 to 262,143*");
        FluentActions.Invoking(() => Open(Options with { Lora = new LoraOptions { OutputTokens = [32_000] } })).Should().Throw<ArgumentException>().WithMessage("The model has 32,000 tokens, so the token 32,000 has no rows*(LoraOptions.OutputTokens, --train-tokens)*");
        FluentActions.Invoking(() => Open(Options with { Lora = Options.Lora! with { SavedModules = SavedModules.TokenEmbedding } })).Should().Throw<ArgumentException>().WithMessage("Rows of single tokens (LoraOptions.EmbeddingTokens*trained as a whole*");
        FluentActions.Invoking(() => Open(Options with { NewTokens = TinyTraining.NewTokens })).Should().Throw<ArgumentException>().WithMessage("Rows of single tokens (LoraOptions.EmbeddingTokens*trained as a whole*tokens are added*");
        FluentActions.Invoking(() => LlamaTrainer.EstimateMemory(tiny.Model("F32"), Options with { Lora = new LoraOptions { OutputTokens = [32_000] } })).Should().Throw<ArgumentException>();
    }

    private LlamaTrainer Open(TrainingOptions options) => LlamaTrainer.Open(tiny.Model("F32"), options);

    private byte[] Saved(LlamaTrainer trainer)
    {
        string path = tiny.Path($"{Guid.NewGuid():N}.gguf");
        trainer.SaveAdapter(path);
        return File.ReadAllBytes(path);
    }

    private static void Save(LlamaTrainer trainer, string path, string form)
    {
        switch (form)
        {
            case "gguf": trainer.SaveAdapter(path); break;
            case "peft": trainer.SavePeftAdapter(path); break;
            default: trainer.SaveMergedModel(path, new AdapterMergeOptions { Quantization = ModelQuantization.F32 }); break;
        }
    }

    private sealed class Canceller(CancellationTokenSource cancellation, int step) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step == step)
            {
                cancellation.Cancel();
            }
        }
    }
}
