namespace Llama2.Architectures;

/// <summary>
/// One tensor of a model. It is a class and not a tuple, because the .NET runtime has no precompiled collections of tuples. The JIT compiler would have to
/// compile about 50 more methods whenever a model is loaded.
/// </summary>
/// <param name="Role">The role of the tensor in the model.</param>
/// <param name="Layer">The layer that the tensor belongs to; 0 if it belongs to none.</param>
internal sealed record ModelTensor(TensorRole Role, int Layer);
