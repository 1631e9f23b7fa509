using System.Text;
using Llama2.Cli.Input;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Tests.Input;

public class JsonLineTests
{
    [Theory]
    [InlineData("0")]
    [InlineData("{}")]
    public void Parse_MillionsOfShortValues_AreRefusedBeforeTheyTakeMemory(string value)
    {
        byte[] line = Encoding.UTF8.GetBytes($$"""{"text":"a","z":[{{string.Join(',', Enumerable.Repeat(value, 3_000_000))}}]}""");

        long before = GC.GetAllocatedBytesForCurrentThread();
        FluentActions.Invoking(() => TextLine.Parse(line)).Should().Throw<CommandException>().WithMessage("more than * values*");
        FluentActions.Invoking(() => TemplateCase.Parse(line)).Should().Throw<CommandException>().WithMessage("more than * values*");

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(1 << 20);
    }

    [Fact]
    public void Parse_LongLineOfLongValues_IsRead()
    {
        byte[] line = Encoding.UTF8.GetBytes($$"""{"text":"a","z":[{{string.Join(',', Enumerable.Repeat("\"some words\"", 300_000))}}]}""");

        TextLine.Parse(line).Should().Be("a");
    }
}
