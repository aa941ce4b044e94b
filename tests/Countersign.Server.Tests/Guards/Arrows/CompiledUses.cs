using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Razor.Hosting;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Countersign.Server.Tests.Guards.Arrows;

/// <summary>A type as it was compiled; what is nested in it, written in the source or by the compiler, counts as the type itself.</summary>
/// <param name="View">The path of the page that it was made from, such as <c>/Features/Pages/Help/Index.cshtml</c>; else null.</param>
internal sealed record CompiledType(string Namespace, string Name, string? View)
{
    public override string ToString() => View ?? $"{Namespace}.{Name}";
}

/// <summary>One type names another.</summary>
internal sealed record TypeUse(CompiledType From, CompiledType To);

/// <summary>
/// Reads which type of an assembly names which other one: in signatures, generic arguments, attributes and bodies. What the compiler
/// writes as a value is not to be seen here: a constant's name, and <c>nameof</c>.
/// </summary>
internal static class CompiledUses
{
    public static IReadOnlySet<TypeUse> In(System.Reflection.Assembly assembly)
    {
        // The arguments of an attribute can be read only where the enums among them are known.
        using var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(AppContext.BaseDirectory);
        resolver.AddSearchDirectory(RuntimeEnvironment.GetRuntimeDirectory());
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(PageModel).Assembly.Location));
        using var module = ModuleDefinition.ReadModule(assembly.Location, new ReaderParameters { AssemblyResolver = resolver });

        var views = Views(module.Assembly);
        var byPath = views.ToDictionary(v => v.Value, v => v.Key, StringComparer.OrdinalIgnoreCase);
        return module.Types
            .SelectMany(type => Named(type, byPath).Where(named => named != type).Select(named => new TypeUse(Of(type), Of(named))))
            .ToHashSet();

        CompiledType Of(TypeDefinition type) => new(type.Namespace, type.Name, views.GetValueOrDefault(type));
    }

    /// <summary>The classes that were made from pages, and the paths of these.</summary>
    private static Dictionary<TypeDefinition, string> Views(AssemblyDefinition assembly) => assembly.CustomAttributes
        .Where(a => a.AttributeType.FullName == typeof(RazorCompiledItemAttribute).FullName)
        .ToDictionary(a => ((TypeReference)a.ConstructorArguments[0].Value).Resolve(), a => (string)a.ConstructorArguments[2].Value);

    private static HashSet<TypeDefinition> Named(TypeDefinition type, Dictionary<string, TypeDefinition> views)
    {
        var names = new NamedTypes(views);
        names.AddType(type);
        return names.Found;
    }
}

/// <summary>Collects the outermost types of the same assembly that a type names.</summary>
/// <param name="views">Pages by their paths: a part of a page is named by its path.</param>
internal sealed class NamedTypes(IReadOnlyDictionary<string, TypeDefinition> views)
{
    public HashSet<TypeDefinition> Found { get; } = [];

    public void AddType(TypeDefinition type)
    {
        AddAttributes(type);
        AddParameters(type);
        Add(type.BaseType);
        foreach (var implemented in type.Interfaces)
        {
            AddAttributes(implemented);
            Add(implemented.InterfaceType);
        }

        foreach (var field in type.Fields)
        {
            AddAttributes(field);
            Add(field.FieldType);
        }

        // Their types are those of their methods.
        foreach (var member in type.Properties.Cast<ICustomAttributeProvider>().Concat(type.Events))
        {
            AddAttributes(member);
        }

        foreach (var method in type.Methods)
        {
            AddMethod(method);
        }

        foreach (var nested in type.NestedTypes)
        {
            AddType(nested);
        }
    }

    private void AddMethod(MethodDefinition method)
    {
        AddAttributes(method);
        AddParameters(method);
        AddAttributes(method.MethodReturnType);
        Add(method.ReturnType);
        foreach (var parameter in method.Parameters)
        {
            AddAttributes(parameter);
            Add(parameter.ParameterType);
        }

        foreach (var overridden in method.Overrides)
        {
            Add(overridden);
        }

        if (method.HasBody)
        {
            AddBody(method.Body);
        }
    }

    private void AddBody(MethodBody body)
    {
        foreach (var variable in body.Variables)
        {
            Add(variable.VariableType);
        }

        foreach (var handler in body.ExceptionHandlers)
        {
            Add(handler.CatchType);
        }

        foreach (var instruction in body.Instructions)
        {
            AddOperand(instruction.Operand);
        }
    }

    // Of a called method only the type that has it is named, and its generic arguments: the types of its values are another's signature.
    private void AddOperand(object? operand)
    {
        switch (operand)
        {
            case TypeReference type:
                Add(type);
                break;
            case MethodReference method:
                Add(method);
                break;
            case FieldReference field:
                Add(field.DeclaringType);
                break;
            case CallSite site:
                AddSignature(site);
                break;
            case string text when views.TryGetValue(text.TrimStart('~'), out var view):
                Found.Add(view);
                break;
        }
    }

    private void Add(MethodReference method)
    {
        Add(method.DeclaringType);
        if (method is GenericInstanceMethod generic)
        {
            AddAll(generic.GenericArguments);
        }
    }

    private void Add(TypeReference? type)
    {
        switch (type)
        {
            case null or GenericParameter:
                break;
            case GenericInstanceType generic:
                AddAll(generic.GenericArguments);
                Add(generic.ElementType);
                break;
            case FunctionPointerType pointer:
                AddSignature(pointer);
                break;
            case IModifierType modified:
                Add(modified.ModifierType);
                Add(modified.ElementType);
                break;
            case TypeSpecification made:
                Add(made.ElementType);
                break;
            case TypeDefinition own:
                Found.Add(Outermost(own));
                break;
        }
    }

    private void AddAll(IEnumerable<TypeReference> types)
    {
        foreach (var type in types)
        {
            Add(type);
        }
    }

    private void AddSignature(IMethodSignature signature)
    {
        Add(signature.ReturnType);
        AddAll(signature.Parameters.Select(p => p.ParameterType));
    }

    private void AddParameters(IGenericParameterProvider owner)
    {
        foreach (var parameter in owner.GenericParameters)
        {
            AddAttributes(parameter);
            AddAll(parameter.Constraints.Select(c => c.ConstraintType));
        }
    }

    private void AddAttributes(ICustomAttributeProvider owner)
    {
        foreach (var attribute in owner.CustomAttributes)
        {
            Add(attribute.Constructor);
            var named = attribute.Properties.Concat(attribute.Fields).Select(n => n.Argument);
            foreach (var argument in attribute.ConstructorArguments.Concat(named))
            {
                AddArgument(argument);
            }
        }
    }

    private void AddArgument(CustomAttributeArgument argument)
    {
        Add(argument.Type);
        switch (argument.Value)
        {
            case TypeReference type:
                Add(type);
                break;
            case CustomAttributeArgument boxed:
                AddArgument(boxed);
                break;
            case CustomAttributeArgument[] several:
                Array.ForEach(several, AddArgument);
                break;
        }
    }

    /// <summary>The type that stands in a file of its own.</summary>
    public static TypeDefinition Outermost(TypeDefinition type) => type.DeclaringType is { } outer ? Outermost(outer) : type;
}
