using Llama2.Adapters;

namespace Llama2.Training.Tests.Export;

public sealed class TrainingRecordTests : IDisposable
{
    private readonly TinyTraining _tiny = new();

    public void Dispose() => _tiny.Dispose();

    [Fact]
    public void SaveAdapter_BothForms_RecordHowTheAdapterWasTrained()
    {
        (string gguf, string peft) = Train(TinyTraining.Options);

        AdapterTrainingRecord record = AdapterInformation.Read(gguf).TrainingRecords.Should().ContainSingle().Subject;

        using LlamaModel model = LlamaModel.Load(_tiny.Model("F32"));
        record.BaseFingerprint.Should().Be(model.Fingerprint);
        record.BaseNormFingerprint.Should().MatchRegex("^[0-9a-f]{64}$");
        record.DataFingerprint.Should().MatchRegex("^[0-9a-f]{64}$");
        (record.SampleCount, record.Seed).Should().Be((TinyTraining.Data.Samples.Count, 5UL));
        record.StepCount.Should().BeGreaterThan(1);
        record.Settings.Should().Contain("LoRA of rank 4, alpha 8").And.Contain("learning rate 0.01 Cosine").And.Contain("40 tokens a batch, 2 batches a step");
        record.LibraryVersion.Should().MatchRegex(@"^\d+\.\d+\.\d+");
        AdapterInformation.Read(peft).TrainingRecords.Should().Equal(record);
    }

    [Fact]
    public void SaveAdapter_OtherDataOrThreads_ChangesTheRecordAsTheResult()
    {
        AdapterTrainingRecord record = RecordOf(TinyTraining.Options, TinyTraining.Data);

        RecordOf(TinyTraining.Options with { ThreadCount = 1, CheckpointInterval = 7 }, TinyTraining.Data).Should().Be(record);
        RecordOf(TinyTraining.Options, new TrainingDataset([.. TinyTraining.Data.Samples.Reverse()])).DataFingerprint.Should().NotBe(record.DataFingerprint);
        RecordOf(TinyTraining.Options with { Beta2 = 0.95f }, TinyTraining.Data).Settings.Should().NotBe(record.Settings);
    }

    [Fact]
    public void SaveAdapter_ContinuedAdapter_KeepsTheEarlierRecords()
    {
        (string gguf, string peft) = Train(TinyTraining.Options);
        AdapterTrainingRecord first = AdapterInformation.Read(gguf).TrainingRecords.Single();
        string continued = _tiny.Path("continued.gguf");
        foreach (string earlier in (string[])[gguf, peft])
        {
            using LlamaTrainer trainer = LlamaTrainer.Open(
                _tiny.Model("F32"), TinyTraining.Options with { Seed = 6, Lora = new LoraOptions { InitialAdapterPath = earlier } });
            trainer.Train(TinyTraining.Data);
            trainer.SaveAdapter(continued);

            IReadOnlyList<AdapterTrainingRecord> records = AdapterInformation.Read(continued).TrainingRecords;
            records.Should().HaveCount(2);
            records[0].Should().Be(first);
            records[1].Seed.Should().Be(6);
        }
    }

    [Fact]
    public void LoadAdapter_AnotherQuantization_IsNoOtherModel()
    {
        (string gguf, string peft) = Train(TinyTraining.Options);
        string quantized = _tiny.Path("quantized.gguf"), half = _tiny.Path("half");
        ModelQuantizer.Quantize(_tiny.Model("F32"), quantized, ModelQuantization.Q8_0);
        ModelConverter.Convert(_tiny.Model("F32"), half, new ModelConversionOptions { Quantization = ModelQuantization.F16 });
        foreach (string path in (string[])[_tiny.Model("F32"), quantized, half])
        {
            using LlamaModel model = LlamaModel.Load(path);
            foreach (string adapter in (string[])[gguf, peft])
            {
                using LlamaAdapter loaded = model.LoadAdapter(adapter);
                loaded.IsTrainedOnOtherModel.Should().BeFalse();
                loaded.TrainingRecords.Should().ContainSingle();
            }
        }
    }

    [Fact]
    public void LoadAdapter_AnotherModel_SaysSo()
    {
        (string gguf, _) = Train(TinyTraining.Options);
        string other = _tiny.Path("other.gguf"), merged = _tiny.Path("merged.gguf");
        using (LlamaTrainer trainer = LlamaTrainer.Open(_tiny.Model("F32"), TinyTraining.Options with { Lora = null }))
        {
            trainer.Train(TinyTraining.Data);
            trainer.SaveModel(other);
        }

        using LlamaModel model = LlamaModel.Load(other);
        using LlamaAdapter loaded = model.LoadAdapter(gguf);

        loaded.IsTrainedOnOtherModel.Should().BeTrue();
        AdapterMerger.Merge(other, [(gguf, 1)], merged).AdaptersOfOtherModels.Should().Equal(gguf);
        AdapterMerger.Merge(_tiny.Model("F32"), [(gguf, 1)], merged).AdaptersOfOtherModels.Should().BeEmpty();
    }

    [Theory]
    [InlineData("[]", "object")]
    [InlineData("{}", "records")]
    [InlineData("""{"records":[{"base_name":"a"}]}""", "base_fingerprint")]
    [InlineData("""{"records":[7]}""", "records[0]")]
    [InlineData("""{"records":[{"base_name":"","base_fingerprint":"","base_norm_fingerprint":"","data_fingerprint":"","sample_count":1,"step_count":1,"seed":"-1","settings":"","library_version":""}]}""", "seed")]
    [InlineData("""{"records":""", "JSON")]
    public void Read_MalformedText_StatesTheMember(string text, string member)
        => FluentActions.Invoking(() => TrainingRecordJson.Read(text, "a.gguf", "key")).Should().Throw<ModelFormatException>().WithMessage($"*a.gguf*{member}*");

    [Fact]
    public void Read_TextBeyondTheLimit_IsRefusedBeforeItIsParsed()
        => FluentActions.Invoking(() => TrainingRecordJson.Read(new string(' ', (1 << 20) + 1), "a.gguf", "key")).Should().Throw<ModelFormatException>().WithMessage("*1,048,577*1,048,576*");

    [Fact]
    public void Read_NoText_IsNoRecord() => TrainingRecordJson.Read(null, "a.gguf", "key").Should().BeEmpty();

    private AdapterTrainingRecord RecordOf(TrainingOptions options, TrainingDataset data)
    {
        string path = _tiny.Path("record.gguf");
        using LlamaTrainer trainer = LlamaTrainer.Open(_tiny.Model("F32"), options);
        trainer.Train(data);
        trainer.SaveAdapter(path);
        return AdapterInformation.Read(path).TrainingRecords.Single();
    }

    private (string Gguf, string Peft) Train(TrainingOptions options)
    {
        string gguf = _tiny.Path("adapter.gguf"), peft = _tiny.Path("peft");
        using LlamaTrainer trainer = LlamaTrainer.Open(_tiny.Model("F32"), options);
        trainer.Train(TinyTraining.Data);
        trainer.SaveAdapter(gguf);
        trainer.SavePeftAdapter(peft);
        return (gguf, peft);
    }
}
