namespace Llama2.Formats.PyTorch;

/// <summary>
/// The Python globals (classes and functions) that a pickle of tensors may name; all others are refused. No Python code is executed: each value of
/// this enumeration stands for an operation of the reader.
/// </summary>
internal enum PickleGlobal
{
    /// <summary><c>collections.OrderedDict</c>: called without arguments, it returns an empty dictionary.</summary>
    OrderedDict,

    /// <summary><c>torch._utils._rebuild_tensor</c>: creates a tensor that uses a storage; only the first versions of PyTorch wrote this call.</summary>
    RebuildTensor,

    /// <summary><c>torch._utils._rebuild_tensor_v2</c>: the same as <see cref="RebuildTensor"/>, with additional arguments for training.</summary>
    RebuildTensor2,

    /// <summary>
    /// <c>torch._utils._rebuild_tensor_v3</c>: creates a tensor that uses a storage of bytes; the type of its numbers is a separate argument.
    /// </summary>
    RebuildTensor3,

    /// <summary><c>torch._utils._rebuild_parameter</c>: returns the tensor that is its argument.</summary>
    RebuildParameter,

    /// <summary><c>torch._utils._rebuild_parameter_with_state</c>: returns the tensor that is its argument; Python attributes are ignored.</summary>
    RebuildParameterWithState,

    /// <summary><c>torch._tensor._rebuild_from_type_v2</c>: performs the call that its arguments describe; Python attributes are ignored.</summary>
    RebuildFromType,

    /// <summary><c>torch.Tensor</c> and <c>torch.nn.parameter.Parameter</c>: arguments of <see cref="RebuildFromType"/>, never called.</summary>
    TensorClass,
}
