using Llama2.Formats.Gguf;

namespace Llama2.Tests.Tokenization;

public class GgufVocabularyReaderTests
{
    // llama.cpp writes its "no token", -1, as a signed number or an unsigned one.
    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(-1)]
    public async Task Generate_NoEndOfSequence_GoesOnToTheContextsEnd(object none)
    {
        using GgufFile file = TinyModel.Describe(endOfSequence: none).Open();
        using LlamaModel model = LlamaModel.Load(file, new LlamaModelOptions { ThreadCount = 1 }, progress: null, CancellationToken.None);

        (await model.GenerateTextAsync("abc")).FinishReason.Should().Be(FinishReason.ContextLength);
    }
}
