namespace Llama2.Training.Tests;

/// <summary>What trainers require of preferences. <see cref="LlamaTrainerTests"/> train by each method.</summary>
public class LlamaTrainerPreferenceTests(TinyTraining tiny) : IClassFixture<TinyTraining>
{
    private static readonly TrainingOptions s_allWeights = TinyTraining.Options with { Lora = null };

    [Fact]
    public void Resume_AnotherPreferenceMethodOrSetting_IsRefused()
    {
        string path = tiny.Path("preferences-foreign.checkpoint");
        TrainingOptions options = Of(PreferenceMethod.SimPo) with { MaxStepCount = 1, CheckpointPath = path };
        using LlamaTrainer trainer = Open(options), same = Open(options);
        trainer.Train(TinyTraining.Preferences);

        foreach (PreferenceOptions other in (PreferenceOptions[])[new() { Method = PreferenceMethod.Orpo }, new() { Method = PreferenceMethod.SimPo, MarginRatio = 0.25 }, new() { Method = PreferenceMethod.SimPo, Beta = 1 }, new()])
        {
            using LlamaTrainer others = Open(options with { Preference = other });
            FluentActions.Invoking(() => others.Resume(path)).Should().Throw<CheckpointException>().WithMessage("*other options*SimPo 2 0.5*");
        }

        same.Resume(path);
        same.Steps.Should().Equal(trainer.Steps);
    }

    [Fact]
    public void Train_DataThatAreNotOfTheMethod_AreRefused()
    {
        void CheckMessage<T>(TrainingOptions options, TrainingDataset data, string message)
            where T : Exception
        {
            using LlamaTrainer trainer = Open(options);
            FluentActions.Invoking(() => trainer.Train(data)).Should().Throw<T>().WithMessage(message);
            trainer.StepCount.Should().Be(0);
        }

        CheckMessage<ArgumentException>(Of(PreferenceMethod.Orpo), TinyTraining.Data, "*samples without preferences, from which Orpo cannot learn*");
        CheckMessage<ArgumentException>(Of(PreferenceMethod.Kto), TinyTraining.Data, "*samples without preferences, from which Kto cannot learn*");
        CheckMessage<ArgumentException>(TinyTraining.Options, TinyTraining.Rated, "*only KTO uses*TrainingOptions.Preference, --method kto*");
        CheckMessage<ArgumentException>(Of(PreferenceMethod.SimPo), TinyTraining.Rated, "*only KTO uses*");
        CheckMessage<ArgumentException>(Of(PreferenceMethod.Kto), new TrainingDataset([TinyTraining.Rated.Samples[0]]), "KTO needs two rated answers*");
        CheckMessage<ArgumentException>(Of(PreferenceMethod.Kto), new TrainingDataset([.. TinyTraining.Rated.Samples, TinyTraining.Data.Samples[0]]), "Some samples are rated and others are not*");
        CheckMessage<ArgumentException>(Of(PreferenceMethod.SimPo) with { BatchTokenCount = 16 }, TinyTraining.Preferences, "The two answers of pair 2 take 17 tokens*MaxPairLength*");
        CheckMessage<InvalidOperationException>(s_allWeights, TinyTraining.Preferences, "Dpo compares the model with itself*before the model is opened*Orpo*");
    }

    [Fact]
    public void EstimateMemory_ReferenceOfAllWeights_CountsThem()
    {
        TrainingMemory without = LlamaTrainer.EstimateMemory(tiny.Model("F32"), s_allWeights), with = LlamaTrainer.EstimateMemory(tiny.Model("F32"), s_allWeights with { Preference = new PreferenceOptions() });

        (with.ParameterByteSize - without.ParameterByteSize).Should().Be(without.ParameterByteSize / 2);
        LlamaTrainer.EstimateMemory(tiny.Model("F32"), s_allWeights with { Preference = new PreferenceOptions { Method = PreferenceMethod.Orpo } }).Should().Be(without);
    }

    private static TrainingOptions Of(PreferenceMethod method) => TinyTraining.Options with { Preference = new PreferenceOptions { Method = method } };

    private LlamaTrainer Open(TrainingOptions options) => LlamaTrainer.Open(tiny.Model("F32"), options);
}
