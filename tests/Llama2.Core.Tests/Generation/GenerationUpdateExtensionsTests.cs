using UnitTesting;

namespace Llama2.Tests.Generation;

public class GenerationUpdateExtensionsTests
{
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);

    [Fact]
    public async Task ToResultAsync_Answer_IsItsWholeText()
    {
        using var model = new ScriptedModel(s_tokenizer, "Yes, I do.");

        GenerationResult result = await model.CreateChatSession().SendAsync("Do you know a cow?").ToResultAsync();

        (result.Text, result.FinishReason).Should().Be(("Yes, I do.", FinishReason.EndOfSequence));
        result.Usage.GeneratedTokenCount.Should().Be(s_tokenizer.Encode("Yes, I do.", addBeginOfSequence: false).Length);
    }

    [Fact]
    public async Task ToResultAsync_Cancelled_EndsTheGeneration()
    {
        using var model = new ScriptedModel(s_tokenizer, "Yes, I do.");

        await model.Awaiting(it => it.GenerateAsync(s_tokenizer.Encode("One")).ToResultAsync(new CancellationToken(canceled: true))).Should().ThrowAsync<OperationCanceledException>();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task ToResultAsync_UpdatesWithoutAnEnd_AreRefused(int count)
    {
        IAsyncEnumerable<GenerationUpdate> updates = Enumerable.Repeat(new GenerationUpdate("one", 5), count).ToAsyncEnumerable();

        await updates.Awaiting(it => it.ToResultAsync()).Should().ThrowAsync<ArgumentException>().WithMessage("*finish reason*");
    }
}
