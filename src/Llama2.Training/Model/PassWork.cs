using Llama2.Architectures;

namespace Llama2.Training.Model;

/// <summary>How much a forward pass computes, in multiply-adds. It is proportional to the time that the pass takes, so that texts of different lengths can be compared.</summary>
internal sealed class PassWork
{
    private readonly double _token, _tokenSquare, _target;

    /// <param name="shape">The model's shape.</param>
    public PassWork(ModelConfiguration shape)
    {
        ModelDimensions dimensions = shape.Dimensions;
        _token = shape.LayerCount * shape.Family.Tensors.OfLayer.Sum(role => (double)dimensions[role.Rows] * dimensions[role.Columns]);
        // A token attends to half of a text on average, and multiplies with a key and with a value.
        _tokenSquare = (double)shape.LayerCount * shape.HeadCount * shape.HeadLength;
        _target = (double)shape.VocabularySize * shape.EmbeddingLength;
    }

    /// <summary>The work of a text.</summary>
    /// <param name="tokenCount">The number of its tokens.</param>
    /// <param name="targetCount">The number of tokens whose logits are computed.</param>
    public double Of(int tokenCount, int targetCount) => _token * tokenCount + _tokenSquare * tokenCount * tokenCount + _target * targetCount;
}
