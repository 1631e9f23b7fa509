namespace Llama2.Architectures;

/// <summary>
/// One tensor of a model. A class rather than a tuple: the runtime has no precompiled collections of tuples, so the JIT compiler would compile some 50
/// methods more whenever a model is loaded.
/// </summary>
/// <param name="Role">What it is.</param>
/// <param name="Layer">The layer that it belongs to; 0 if it belongs to none.</param>
internal sealed record ModelTensor(TensorRole Role, int Layer);
