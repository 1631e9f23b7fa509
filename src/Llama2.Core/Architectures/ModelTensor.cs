namespace Llama2.Architectures;

/// <summary>
/// One tensor of a model. A class, as collections of value types are not precompiled: the JIT compiler would take some 10 ms for them whenever a model
/// is loaded.
/// </summary>
/// <param name="Role">What it is.</param>
/// <param name="Layer">The layer that it belongs to; 0 if it belongs to none.</param>
internal sealed record ModelTensor(TensorRole Role, int Layer);
