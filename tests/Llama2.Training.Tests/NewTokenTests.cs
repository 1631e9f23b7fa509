using System.Text.Json;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Formats.SafeTensors;

namespace Llama2.Training.Tests;

/// <summary>Matrices that are trained as a whole, and tokens that are added to the vocabulary: saved in all forms, and used as saved.</summary>
public class NewTokenTests(TinyTraining tiny) : IClassFixture<TinyTraining>
{
    private const int OwnCount = RandomModel.VocabularySize;

    private static TrainingOptions WithWholeMatrices => TinyTraining.Options with { Lora = new LoraOptions { Rank = 4, Alpha = 8, SavedModules = SavedModules.TokenMatrices } };

    private static TrainingOptions WithNewTokens => TinyTraining.Options with { NewTokens = TinyTraining.NewTokens };

    [Theory]
    [InlineData("gguf")]
    [InlineData("peft")]
    public async Task SaveAdapter_WholeMatrices_LoadedBesideTheModel_GivesTheTrainersLoss(string form)
    {
        using LlamaTrainer trainer = Trained(WithWholeMatrices, TinyTraining.Data);
        double loss = trainer.Evaluate(TinyTraining.Data);
        string path = Save(trainer, form, "whole-matrices");
        using LlamaModel model = LlamaModel.Load(tiny.Model("F32"));
        using LlamaAdapter adapter = model.LoadAdapter(path);

        (await LossOf(model, TinyTraining.Data, [new(adapter)])).Should().BeApproximately(loss, 1e-5);
        (await LossOf(model, TinyTraining.Data, [])).Should().BeGreaterThan(loss + 0.1);
        trainer.ParameterCount.Should().BeGreaterThan(2 * OwnCount * 64);
        AdapterInformation.Read(path).ParameterCount.Should().Be(trainer.ParameterCount);
        trainer.Memory.Should().Be(LlamaTrainer.EstimateMemory(tiny.Model("F32"), WithWholeMatrices));
        trainer.Memory.ParameterByteSize.Should().BeInRange(2 * sizeof(float) * trainer.ParameterCount, (long)(2.02 * sizeof(float) * trainer.ParameterCount), "rows of narrow matrices are padded");
    }

    [Theory]
    [InlineData("gguf")]
    [InlineData("peft")]
    [InlineData("merged")]
    [InlineData("merged folder")]
    public async Task Save_NewTokens_GivesAModelWithThemAndTheTrainersLoss(string form)
    {
        using LlamaTrainer trainer = Trained(WithNewTokens, TinyTraining.DataWithNewTokens);
        double loss = trainer.Evaluate(TinyTraining.DataWithNewTokens);
        string path = Save(trainer, form, "new-tokens"), merged = path;
        if (form is "gguf" or "peft")
        {
            using LlamaModel own = LlamaModel.Load(tiny.Model("F32"));
            FluentActions.Invoking(() => own.LoadAdapter(path)).Should().Throw<ModelFormatException>().WithMessage("*the number of tokens is 32,002*32,000*adapter merge*");
            AdapterMerger.Merge(tiny.Model("F32"), [(path, 1)], merged = tiny.Path($"new-tokens-{form}-merged.gguf"));
        }

        using LlamaModel model = LlamaModel.Load(merged);
        (await LossOf(model, TinyTraining.DataWithNewTokens, [])).Should().BeApproximately(loss, 1e-5);
        model.Tokenizer.VocabularySize.Should().Be(OwnCount + 2);
        model.Tokenizer.Encode("a new token", addBeginOfSequence: false).Should().EndWith([OwnCount + 1]);
        model.Tokenizer.Encode("<|im_start|>", addBeginOfSequence: false).Should().NotContain(OwnCount);
        trainer.Tokenizer.Encode("a new token", addBeginOfSequence: false).Should().Equal(model.Tokenizer.Encode("a new token", addBeginOfSequence: false));
    }

    [Fact]
    public void SaveMergedModel_NewTokens_IsWhatTheSavedAdapterMergedGives()
    {
        using LlamaTrainer trainer = LlamaTrainer.Open(tiny.Model("Q8_0"), WithNewTokens);
        trainer.Train(TinyTraining.DataWithNewTokens);
        trainer.SaveAdapter(tiny.Path("tokens-twin.gguf"));
        var options = new AdapterMergeOptions { Quantization = ModelQuantization.Q8_0, AllowRequantize = true, MinSurvival = 0 };

        trainer.SaveMergedModel(tiny.Path("tokens-straight.gguf"), options);
        AdapterMerger.Merge(tiny.Model("Q8_0"), [(tiny.Path("tokens-twin.gguf"), 1)], tiny.Path("tokens-merged.gguf"), options);

        File.ReadAllBytes(tiny.Path("tokens-straight.gguf")).AsSpan().SequenceEqual(File.ReadAllBytes(tiny.Path("tokens-merged.gguf"))).Should().BeTrue();
        ModelFileInformation.Read(tiny.Path("tokens-straight.gguf")).Tensors.Single(tensor => tensor.Name == "token_embd.weight").Type.ToString().Should().Be("Q8_0");
    }

    [Fact]
    public async Task SaveModel_AllWeightsAndNewTokens_GivesTheTrainersLoss()
    {
        using LlamaTrainer trainer = Trained(WithNewTokens with { Lora = null, MaxStepCount = 2 }, TinyTraining.DataWithNewTokens);
        trainer.SaveModel(tiny.Path("all-tokens.gguf"));
        using LlamaModel model = LlamaModel.Load(tiny.Path("all-tokens.gguf"));

        (await LossOf(model, TinyTraining.DataWithNewTokens, [])).Should().BeApproximately(trainer.Evaluate(TinyTraining.DataWithNewTokens), 1e-5);
        using GgufFile file = GgufFile.Open(tiny.Path("all-tokens.gguf"));
        ((string[])file.Metadata["tokenizer.ggml.tokens"])[^2..].Should().Equal("<|im_start|>", "new token");
        ((int[])file.Metadata["tokenizer.ggml.token_type"])[^2..].Should().Equal(3, 4);
    }

    [Fact]
    public void SavePeftAdapter_NewTokens_HasTheFilesAndNamesOfPeft()
    {
        using LlamaTrainer trainer = LlamaTrainer.Open(tiny.Model("F32"), WithNewTokens);
        string folder = tiny.Path("tokens-peft");
        trainer.SavePeftAdapter(folder);

        Directory.GetFiles(folder).Select(Path.GetFileName).Should().BeEquivalentTo("adapter_config.json", "adapter_model.safetensors", "added_tokens.json", "tokenizer.model", "tokenizer_config.json");
        JsonElement configuration = Json("adapter_config.json"), added = Json("added_tokens.json"), tokenizer = Json("tokenizer_config.json");
        configuration.GetProperty("modules_to_save").EnumerateArray().Select(module => module.GetString()).Should().Equal("embed_tokens", "lm_head");
        added.EnumerateObject().Select(token => (token.Name, token.Value.GetInt32())).Should().Equal(("<|im_start|>", OwnCount), ("new token", OwnCount + 1));
        tokenizer.GetProperty("added_tokens_decoder").GetProperty("32000").GetProperty("special").GetBoolean().Should().BeTrue();
        using SafeTensorsFile file = SafeTensorsFile.Open(ByteSources.Open(Path.Combine(folder, "adapter_model.safetensors"), memoryMapped: false));
        foreach (string name in (string[])["base_model.model.model.embed_tokens.weight", "base_model.model.lm_head.weight"])
        {
            file.Entries.Single(entry => entry.Name == name).Shape.Should().Equal(OwnCount + 2, 64);
        }

        ModelTokenizer.Load(folder).Encode("new token", addBeginOfSequence: false).Should().Equal(trainer.Tokenizer.Encode("new token", addBeginOfSequence: false));

        JsonElement Json(string name) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, name))).RootElement;
    }

    [Fact]
    public void SavePeftAdapter_WholeMatricesOnly_HasNoTokenizer()
    {
        using LlamaTrainer trainer = LlamaTrainer.Open(tiny.Model("F32"), TinyTraining.Options with { Lora = new LoraOptions { SavedModules = SavedModules.Output } });
        string folder = tiny.Path("output-peft");
        trainer.SavePeftAdapter(folder);

        Directory.GetFiles(folder).Select(Path.GetFileName).Should().BeEquivalentTo("adapter_config.json", "adapter_model.safetensors");
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "adapter_config.json"))).RootElement.GetProperty("modules_to_save").EnumerateArray().Single().GetString().Should().Be("lm_head");
    }

    // The embeddings of a tied model are also its output matrix. The two are trained separately, and the merged model has both.
    [Theory]
    [InlineData(SavedModules.TokenMatrices, false)]
    [InlineData(SavedModules.TokenEmbedding, false)]
    [InlineData(SavedModules.Output, false)]
    [InlineData(SavedModules.None, true)]
    public async Task Save_WholeMatricesOfATiedModel_GivesTheTrainersLoss(SavedModules modules, bool addsTokens)
    {
        string name = $"tied-{modules}-{addsTokens}", path = tiny.Path($"{name}.gguf"), adapterPath = tiny.Path($"{name}-adapter.gguf"), merged = tiny.Path($"{name}-merged.gguf");
        var shape = new ModelShape(32, 1, 2, 1, 48, 64);
        using (LlamaTrainer whole = LlamaTrainer.Create(tiny.Model("F32"), shape, TinyTraining.Options with { Lora = null, MaxStepCount = 1 }))
        {
            whole.Train(TinyTraining.Data);
            whole.SaveModel(path);
        }

        TrainingDataset data = addsTokens ? TinyTraining.DataWithNewTokens : TinyTraining.Data;
        using LlamaTrainer trainer = LlamaTrainer.Open(path, TinyTraining.Options with { Lora = new LoraOptions { Rank = 2, SavedModules = modules }, NewTokens = addsTokens ? TinyTraining.NewTokens : [] });
        trainer.Train(data);
        double loss = trainer.Evaluate(data);
        trainer.SaveAdapter(adapterPath);
        AdapterMerger.Merge(path, [(adapterPath, 1)], merged);

        using LlamaModel mergedModel = LlamaModel.Load(merged);
        (await LossOf(mergedModel, data, [])).Should().BeApproximately(loss, 1e-5);
        ModelFileInformation.Read(merged).Tensors.Should().Contain(tensor => tensor.Name == "output.weight");
        if (!addsTokens)
        {
            using LlamaModel model = LlamaModel.Load(path);
            using LlamaAdapter adapter = model.LoadAdapter(adapterPath);
            (await LossOf(model, data, [new(adapter)])).Should().BeApproximately(loss, 1e-5);
        }
    }

    [Fact]
    public void Train_PreferencesWithWholeMatrices_BeginsAtTheReference()
    {
        using LlamaTrainer trainer = LlamaTrainer.Open(tiny.Model("F32"), TinyTraining.Options with { Lora = new LoraOptions { SavedModules = SavedModules.TokenMatrices }, EpochCount = 20 });

        TrainingResult result = trainer.Train(TinyTraining.Preferences);

        result.Losses[0].Should().BeApproximately(Math.Log(2), 1e-6, "matrices that are those of the model gain nothing");
        result.Losses[^1].Should().BeLessThan(0.85 * result.Losses[0]);
    }

    [Fact]
    public void Resume_OtherTokensOrModules_IsRefused()
    {
        string path = tiny.Path("tokens.checkpoint");
        TrainingOptions options = WithNewTokens with { MaxStepCount = 1, CheckpointPath = path };
        using (LlamaTrainer trainer = LlamaTrainer.Open(tiny.Model("F32"), options))
        {
            trainer.Train(TinyTraining.DataWithNewTokens);
        }

        foreach (TrainingOptions other in (TrainingOptions[])[options with { NewTokens = [] }, options with { NewTokens = [new("<|im_start|>"), new("new token")] }, WithWholeMatrices with { MaxStepCount = 1 }])
        {
            using LlamaTrainer trainer = LlamaTrainer.Open(tiny.Model("F32"), other);
            FluentActions.Invoking(() => trainer.Resume(path)).Should().Throw<CheckpointException>().WithMessage("*other options*");
        }
    }

    [Fact]
    public void Options_TokensThatCannotBeAdded_AreRefused()
    {
        FluentActions.Invoking(() => new TrainingOptions { NewTokens = [new("")] }).Should().Throw<ArgumentException>().WithMessage("*must have a text*");
        FluentActions.Invoking(() => new TrainingOptions { NewTokens = [new("a"), new("a", true)] }).Should().Throw<ArgumentException>().WithMessage("*'a' is listed twice*");
        FluentActions.Invoking(() => new LoraOptions { SavedModules = (SavedModules)32 }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => LlamaTrainer.Open(tiny.Model("F32"), new TrainingOptions { NewTokens = [new("</s>")] })).Should().Throw<ArgumentException>().WithMessage("*already has the token '</s>', with the id 2*--add-token*");
    }

    private LlamaTrainer Trained(TrainingOptions options, TrainingDataset data)
    {
        LlamaTrainer trainer = LlamaTrainer.Open(tiny.Model("F32"), options);
        trainer.Train(data);
        return trainer;
    }

    private string Save(LlamaTrainer trainer, string form, string name)
    {
        string path = tiny.Path($"{name}-{form}{(form is "gguf" or "merged" ? ".gguf" : "")}");
        switch (form)
        {
            case "gguf": trainer.SaveAdapter(path); break;
            case "peft": trainer.SavePeftAdapter(path); break;
            default: trainer.SaveMergedModel(path, new AdapterMergeOptions { Quantization = ModelQuantization.F32 }); break;
        }

        return path;
    }

    // The loss in float64, computed from the logits of generation.
    private static async Task<double> LossOf(LlamaModel model, TrainingDataset data, IReadOnlyList<LlamaAdapterUse> adapters)
    {
        double loss = 0;
        int count = 0, width = model.Tokenizer.VocabularySize;
        foreach (TrainingSample sample in data.Samples)
        {
            float[] logits = await model.ComputeLogitsAsync(sample.Tokens, new() { Adapters = adapters });
            for (int i = 1; i < sample.Tokens.Length; i++)
            {
                if (sample.LossMask.Span[i])
                {
                    ArraySegment<float> row = new(logits, (i - 1) * width, width);
                    loss += Math.Log(row.Sum(logit => Math.Exp(logit))) - row[sample.Tokens.Span[i]];
                    count++;
                }
            }
        }

        return loss / count;
    }
}
