namespace Llama2.Architectures;

/// <summary>
/// One tensor of a model. A class rather than a tuple: the .NET runtime has no precompiled collections of tuples, so the JIT compiler would have to
/// compile about 50 more methods whenever a model is loaded.
/// </summary>
/// <param name="Role">The role of the tensor in the model.</param>
/// <param name="Layer">The layer that the tensor belongs to; 0 if it belongs to none.</param>
internal sealed record ModelTensor(TensorRole Role, int Layer);
