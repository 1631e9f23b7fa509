using Llama2.Architectures;

namespace Llama2.Tests.Architectures;

public class LayerPartsTests
{
    [Fact]
    public void Constructor_TableOfAnArchitecture_MakesAPartOfEachTensorOfALayerInOrder()
    {
        List<TensorRole> made = [];
        var table = new TensorRoles(LlamaTensors.TokenEmbedding, LlamaTensors.Down, LlamaTensors.FeedForwardNorm, LlamaTensors.Query, LlamaTensors.Output);

        var parts = new LayerParts<string, string>(table, role => Make("vector", role), role => Make("matrix", role));

        made.Should().Equal(LlamaTensors.Down, LlamaTensors.FeedForwardNorm, LlamaTensors.Query);
        parts.Vectors.Should().Equal(new Dictionary<TensorRole, string> { [LlamaTensors.FeedForwardNorm] = "vector FeedForwardNorm" });
        parts.Matrices.Keys.Should().Equal(LlamaTensors.Down, LlamaTensors.Query);
        parts.Matrices.Values.Should().Equal("matrix Down", "matrix Query");

        string Make(string kind, TensorRole role)
        {
            made.Add(role);
            return $"{kind} {role}";
        }
    }
}
