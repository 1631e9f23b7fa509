using Llama2.Cli.Terminal;

// Messages for exceptions of the .NET runtime.
#pragma warning disable CA2201

namespace Llama2.Cli.Tests.Terminal;

public class ErrorSentenceTests
{
    public static TheoryData<Exception, bool> Exceptions => new()
    {
        { new ModelFormatException("m.gguf", null, "magic", "0", "a GGUF file must begin with 'GGUF'"), true },
        { new LlamaMemoryException("No room.", 2, 1), true },
        { new CommandException("Not so."), true },
        { new FileNotFoundException("Not there."), true },
        { new UnauthorizedAccessException("Not yours."), true },
        { new ArgumentOutOfRangeException("top-p", 2, "It must be at most 1."), true },
        { new OutOfMemoryException(), true },
        { new InvalidOperationException("Confused."), false },
        { new NullReferenceException(), false },
        { new IndexOutOfRangeException(), false },
        { new OverflowException(), false },
    };

    [Theory]
    [MemberData(nameof(Exceptions))]
    public void Explains_Exception_SaysWhoseFaultItIs(Exception exception, bool expected) => ErrorSentence.Explains(exception).Should().Be(expected);

    [Fact]
    public void Of_NoMemoryLeft_SaysWhatToDo() => ErrorSentence.Of(new OutOfMemoryException()).Should().Contain("no memory left").And.Contain("smaller model");
}
