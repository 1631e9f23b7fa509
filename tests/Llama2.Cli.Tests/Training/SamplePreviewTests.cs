using Llama2.Cli.Terminal;
using Llama2.Cli.Training;
using Llama2.Training;

namespace Llama2.Cli.Tests.Training;

public sealed class SamplePreviewTests
{
    [Theory]
    [InlineData(true, true, "\e[2m<s>\e[0m\e[32m Once\e[0m\e[2m upon\e[0m")]
    [InlineData(true, false, "<s>⟦ Once⟧ upon")]
    [InlineData(false, true, "<s>⟦ Once⟧ upon")]
    public void Write_LearnedText_StandsOutInColourOrBetweenBrackets(bool isTerminal, bool usesColor, string expected)
    {
        ModelTokenizer tokenizer = ModelTokenizer.Load(TestModels.Demonstration);
        int[] once = tokenizer.Encode("Once", addBeginOfSequence: false), upon = tokenizer.Encode("upon", addBeginOfSequence: false);
        int[] tokens = [tokenizer.BeginOfSequenceId, .. once, .. upon];
        bool[] mask = [.. tokens.Select((_, i) => i > 0 && i <= once.Length)];
        using var output = new StringWriter();
        var host = new ConsoleHost { Input = Stream.Null, OutputStream = Stream.Null, Output = output, Error = TextWriter.Null, IsOutputTerminal = isTerminal, UsesColor = usesColor };

        SamplePreview.Write(new TrainingSample(tokens, mask), "sample 1", tokenizer, host);

        output.ToString().ReplaceLineEndings("\n").Should().Be($"-- sample 1: {tokens.Length} tokens, {once.Length} learned\n{expected}\n");
    }
}
