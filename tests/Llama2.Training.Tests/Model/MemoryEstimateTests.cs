using Llama2.Training.Model;

namespace Llama2.Training.Tests.Model;

/// <summary>Whether activations are kept is decided by the memory that is available, and changes nothing in what is learned.</summary>
public class MemoryEstimateTests(TinyTraining tiny) : IClassFixture<TinyTraining>
{
    [Theory]
    [InlineData(512, 16, true)]
    [InlineData(512, 11, false)]
    [InlineData(1024, 16, false)]
    [InlineData(1024, 32, true)]
    [InlineData(2048, 32, true)]
    public void Decide_SevenBillionParameters_KeepsActivationsWithinThreeQuarters(int batchTokenCount, int gibibytes, bool keeps)
    {
        const long Weights = (long)(3.8 * (1L << 30));
        var options = new TrainingOptions { BatchTokenCount = batchTokenCount, ThreadCount = 2 };
        long available = (long)gibibytes << 30;

        TrainingOptions decided = MemoryEstimate.Decide(SevenBillionParameters.Configuration, Weights, isOutputTied: false, options, available);
        TrainingMemory memory = MemoryEstimate.Of(SevenBillionParameters.Configuration, Weights, isOutputTied: false, decided);

        memory.KeepsActivations.Should().Be(keeps);
        (memory.TotalByteSize <= available).Should().BeTrue();
        MemoryEstimate.Decide(SevenBillionParameters.Configuration, Weights, isOutputTied: false, options with { RecomputeActivations = !keeps }, available).RecomputeActivations.Should().Be(!keeps, "what the options state is not decided");
    }

    [Fact]
    public void Train_ActivationsKeptOrNot_LearnsTheSame()
    {
        using LlamaTrainer kept = LlamaTrainer.Open(tiny.Model("Q8_0"), TinyTraining.Options with { RecomputeActivations = false }), again = LlamaTrainer.Open(tiny.Model("Q8_0"), TinyTraining.Options with { RecomputeActivations = true }), @default = LlamaTrainer.Open(tiny.Model("Q8_0"), TinyTraining.Options);

        kept.Train(TinyTraining.Data).Losses.Should().Equal(again.Train(TinyTraining.Data).Losses);
        kept.SaveAdapter(tiny.Path("kept.gguf"));
        again.SaveAdapter(tiny.Path("again.gguf"));

        File.ReadAllBytes(tiny.Path("kept.gguf")).Should().Equal(File.ReadAllBytes(tiny.Path("again.gguf")));
        (kept.Memory.KeepsActivations, again.Memory.KeepsActivations, @default.Memory.KeepsActivations).Should().Be((true, false, true));
    }
}
