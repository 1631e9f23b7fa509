namespace Llama2.Formats.PyTorch;

/// <summary>All callables that are supported, which a pickle of tensors needs. None of them is code: each stands for an operation of the reader.</summary>
internal enum PickleGlobal
{
    /// <summary><c>collections.OrderedDict</c>: called without arguments, an empty dictionary.</summary>
    OrderedDict,

    /// <summary><c>torch._utils._rebuild_tensor</c>: a tensor over a storage, as the first versions of PyTorch wrote it.</summary>
    RebuildTensor,

    /// <summary><c>torch._utils._rebuild_tensor_v2</c>: the same with arguments for training.</summary>
    RebuildTensor2,

    /// <summary><c>torch._utils._rebuild_tensor_v3</c>: a tensor over bytes, whose type is an argument of its own.</summary>
    RebuildTensor3,

    /// <summary><c>torch._utils._rebuild_parameter</c>: the tensor that it is given.</summary>
    RebuildParameter,

    /// <summary><c>torch._utils._rebuild_parameter_with_state</c>: the tensor that it is given; Python attributes are dropped.</summary>
    RebuildParameterWithState,

    /// <summary><c>torch._tensor._rebuild_from_type_v2</c>: the call that it is given; Python attributes are dropped.</summary>
    RebuildFromType,

    /// <summary><c>torch.Tensor</c> and <c>torch.nn.parameter.Parameter</c>: arguments of <see cref="RebuildFromType"/>, never called.</summary>
    TensorClass,
}
