namespace Llama2.Tests.Generation;

public class EmbeddingOptionsTests
{
    [Fact]
    public void Defaults_AreTheMeanOfUnitLength()
        => new EmbeddingOptions().Should().Be(new EmbeddingOptions { Pooling = EmbeddingPooling.Mean, Normalize = true });

    [Fact]
    public void Pooling_ThatIsNone_IsRefused()
        => FluentActions.Invoking(() => new EmbeddingOptions { Pooling = (EmbeddingPooling)2 }).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("Pooling");
}
