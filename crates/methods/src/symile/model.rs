//! Parameters and forward pass: one encoder per view, row normalisation, one learned log-scale.

use burn::module::{Module, Param};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};
use suffit_core::{Result, Seed};
use suffit_nn::Place;
use suffit_nn::layer::{
    Activation, Init, LayerNorm, Linear, MissingEmbedding, Mlp, MlpSpec, Pass, TokenBag, Tokens, indicator, l2_rows,
    standard_rows,
};

use super::config::{AutoWord, EncoderKind, InitScale, Missing, Normalise, SymileConfig};
use super::error::SymileError;

/// What a view holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "holds")]
pub enum ViewShape {
    /// Rows of numbers.
    Dense {
        /// Features.
        width: usize,
    },
    /// Rows of token ids.
    Tokens {
        /// Ids are below this.
        vocabulary: usize,
    },
}

impl ViewShape {
    /// `numbers` or `tokens`.
    pub fn word(self) -> &'static str {
        match self {
            ViewShape::Dense { .. } => "numbers",
            ViewShape::Tokens { .. } => "tokens",
        }
    }
}

/// Everything needed to rebuild one view's encoder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ViewSpec {
    /// Name of the view.
    pub name: String,
    /// What it holds.
    pub shape: ViewShape,
    /// Encoder shape, never `auto`.
    pub encoder: EncoderKind,
    /// Hidden width.
    pub hidden: usize,
    /// Dropout share.
    pub dropout: f64,
    /// How missing rows enter; absent when the view was never missing in training.
    pub missing: Option<Missing>,
}

/// Everything needed to rebuild the model: the content of `config.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelSpec {
    /// `symile`.
    pub model_type: String,
    /// `suffit`.
    pub library_name: String,
    /// The views, in order.
    pub views: Vec<ViewSpec>,
    /// `d`.
    pub dim: usize,
    /// Row normalisation.
    pub normalise: Normalise,
    /// Stands for missing features under `indicator`.
    pub placeholder: f64,
    /// Start of the log-scale.
    pub log_scale: f64,
}

impl ModelSpec {
    /// From the settings and the views of the data: `(name, shape, missing in training)`.
    ///
    /// # Errors
    /// [`SymileError::UnknownView`] for an encoder of a view that is not there,
    /// [`SymileError::EncoderKind`] for one that does not take the view.
    pub fn new(config: &SymileConfig, views: &[(String, ViewShape, bool)], data: &str) -> Result<Self> {
        if let Some(view) = config.encoders.keys().find(|name| views.iter().all(|(v, ..)| v != *name)) {
            let known = views.iter().map(|(v, ..)| v.clone()).collect();
            return Err(SymileError::UnknownView {
                view: view.clone(),
                place: format!("in `{data}` (`encoders`)"),
                known,
            }
            .into());
        }
        let specs = views
            .iter()
            .map(|(name, shape, missing)| view_spec(config, name, *shape, *missing))
            .collect::<Result<Vec<_>>>()?;
        let log_scale = match config.init_scale {
            InitScale::Number(s) => s,
            InitScale::Word(AutoWord::Auto) => auto_scale(specs.len(), config.dim, config.normalise),
        };
        Ok(ModelSpec {
            model_type: "symile".into(),
            library_name: "suffit".into(),
            views: specs,
            dim: config.dim,
            normalise: config.normalise,
            placeholder: config.placeholder,
            log_scale,
        })
    }
}

fn view_spec(config: &SymileConfig, name: &str, shape: ViewShape, missing: bool) -> Result<ViewSpec> {
    let chosen = config.encoders.get(name).unwrap_or(&config.encoder);
    let refuse = |encoder| Err(SymileError::EncoderKind { view: name.to_owned(), encoder, holds: shape.word() }.into());
    let encoder = match (chosen.kind, shape) {
        (EncoderKind::Auto | EncoderKind::Mlp, ViewShape::Dense { .. }) => EncoderKind::Mlp,
        (EncoderKind::Linear, ViewShape::Dense { .. }) => EncoderKind::Linear,
        (EncoderKind::Auto | EncoderKind::TokenBag, ViewShape::Tokens { .. }) => EncoderKind::TokenBag,
        (EncoderKind::TokenBag, ViewShape::Dense { .. }) => return refuse("token_bag"),
        // The general `encoder` is about numeric views; only an entry of `encoders` can be wrong here.
        (EncoderKind::Linear | EncoderKind::Mlp, ViewShape::Tokens { .. }) if !config.encoders.contains_key(name) => {
            EncoderKind::TokenBag
        }
        (EncoderKind::Linear, ViewShape::Tokens { .. }) => return refuse("linear"),
        (EncoderKind::Mlp, ViewShape::Tokens { .. }) => return refuse("mlp"),
    };
    let mode = missing.then_some(match shape {
        ViewShape::Dense { .. } => config.missing,
        ViewShape::Tokens { .. } => Missing::Token,
    });
    Ok(ViewSpec {
        name: name.to_owned(),
        shape,
        encoder,
        hidden: chosen.hidden,
        dropout: chosen.dropout,
        missing: mode,
    })
}

/// The log-scale at which the first logits have spread one (spec: Encoders and normalisation,
/// inferred): `((M − 1)/2) ln d` for unit rows, `−½ ln d` for layer-normalised rows, 0 otherwise.
///
/// ```
/// use suffit_methods::symile::{config::Normalise, model::auto_scale};
/// assert!((auto_scale(3, 8192, Normalise::L2) - 8192f64.ln()).abs() < 1e-12);
/// assert!((auto_scale(3, 8192, Normalise::LayerNorm) + 0.5 * 8192f64.ln()).abs() < 1e-12);
/// ```
pub fn auto_scale(views: usize, dim: usize, normalise: Normalise) -> f64 {
    let log_dim = (dim as f64).ln();
    match normalise {
        Normalise::L2 => (views as f64 - 1.0) / 2.0 * log_dim,
        Normalise::LayerNorm => -0.5 * log_dim,
        Normalise::None => 0.0,
    }
}

/// Rows normalised without learned parameters.
///
/// - shapes: `x [B, d]`, result `[B, d]`; gradient: by Burn
pub fn normalise_rows(x: Tensor<2>, normalise: Normalise) -> Tensor<2> {
    match normalise {
        Normalise::L2 => l2_rows(x),
        Normalise::LayerNorm => standard_rows(x),
        Normalise::None => x,
    }
}

/// One view's rows as tensors.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant)] // a handful per step; a box would buy nothing
pub enum ViewBatch {
    /// Numbers `[B, p]`, and `[B, 1]` with 1 where the row is missing (absent when none can be).
    Dense {
        /// Features; anything where missing.
        x: Tensor<2>,
        /// 1 where missing.
        missing: Option<Tensor<2>>,
        /// `[p]`, the mean of observed training rows (for `missing = "embedding"`).
        fill: Option<Tensor<1>>,
    },
    /// Token ids; missing rows hold the reserved id.
    Tokens(Tokens),
}

/// The parameters.
#[derive(Module, Debug)]
pub struct SymileModel {
    /// One encoder per view, in order.
    pub views: Vec<ViewEncoder>,
    /// `s = ln τ`, shape `[1]`.
    pub logit_scale: Param<Tensor<1>>,
}

/// One view's encoder; exactly one of `linear`, `mlp` and `bag` is there.
#[derive(Module, Debug)]
pub struct ViewEncoder {
    /// Affine map.
    pub linear: Option<Linear>,
    /// Multi-layer perceptron.
    pub mlp: Option<Mlp>,
    /// Token bag.
    pub bag: Option<TokenBag>,
    /// Observed/missing vectors that are concatenated.
    pub missing: Option<MissingEmbedding>,
    /// A vector that takes the place of missing features, `[1, p]`.
    pub token: Option<Param<Tensor<2>>>,
    /// Layer normalisation of the representation.
    pub norm: Option<LayerNorm>,
    #[module(skip)]
    unit: bool,
    #[module(skip)]
    indicator: Option<f64>,
}

impl ViewEncoder {
    /// From its description; initial values from `init`'s streams.
    pub fn new(spec: &ViewSpec, dim: usize, normalise: Normalise, placeholder: f64, init: &Init) -> Self {
        let width = match spec.shape {
            ViewShape::Dense { width } => width,
            ViewShape::Tokens { .. } => 0,
        };
        let dense = matches!(spec.shape, ViewShape::Dense { .. });
        let input = match spec.missing {
            Some(Missing::Indicator) => width + 1,
            Some(Missing::Embedding) => 2 * width,
            Some(Missing::Token) | None => width,
        };
        let mlp = MlpSpec {
            input,
            hidden: vec![spec.hidden],
            output: dim,
            activation: Activation::Gelu,
            layer_norm: false,
            dropout: spec.dropout,
        };
        let bag = match spec.shape {
            // One id more than the vocabulary stands for a missing row.
            ViewShape::Tokens { vocabulary } => Some(TokenBag::new(
                vocabulary + usize::from(spec.missing.is_some()),
                spec.hidden,
                dim,
                &init.child("bag"),
            )),
            ViewShape::Dense { .. } => None,
        };
        ViewEncoder {
            linear: (spec.encoder == EncoderKind::Linear).then(|| Linear::new(input, dim, true, &init.child("linear"))),
            mlp: (spec.encoder == EncoderKind::Mlp).then(|| Mlp::new(&mlp, &init.child("mlp"))),
            bag,
            missing: (dense && spec.missing == Some(Missing::Embedding))
                .then(|| MissingEmbedding::new(width, &init.child("missing"))),
            token: (dense && spec.missing == Some(Missing::Token)).then(|| init.normal("token", [1, width], 1.0)),
            norm: (normalise == Normalise::LayerNorm).then(|| LayerNorm::new(dim, &init.child("norm"))),
            unit: normalise == Normalise::L2,
            indicator: (dense && spec.missing == Some(Missing::Indicator)).then_some(placeholder),
        }
    }

    /// Normalised representations `[B, d]`.
    ///
    /// - gradient: by Burn, to all parameters
    ///
    /// # Errors
    /// [`SymileError::ViewKind`] when tokens meet an encoder of numbers or the other way round.
    pub fn forward(&self, batch: &ViewBatch, pass: Pass) -> Result<Tensor<2>> {
        let raw = match (batch, &self.bag, &self.linear, &self.mlp) {
            (ViewBatch::Tokens(tokens), Some(bag), ..) => bag.forward(tokens),
            (ViewBatch::Dense { x, missing, fill }, _, Some(linear), _) => linear.forward(self.mark(x, missing, fill)),
            (ViewBatch::Dense { x, missing, fill }, _, _, Some(mlp)) => mlp.forward(self.mark(x, missing, fill), pass),
            (ViewBatch::Tokens(_), ..) => return Err(self.misfit("tokens", "numbers")),
            (ViewBatch::Dense { .. }, ..) => return Err(self.misfit("numbers", "tokens")),
        };
        Ok(match &self.norm {
            Some(norm) => norm.forward(raw),
            None => normalise_rows(raw, if self.unit { Normalise::L2 } else { Normalise::None }),
        })
    }

    fn misfit(&self, got: &'static str, expected: &'static str) -> suffit_core::Error {
        SymileError::ViewKind { view: "of the batch".into(), data: "memory".into(), got, expected }.into()
    }

    /// Marks missing rows (spec: Missing modalities in training).
    fn mark(&self, x: &Tensor<2>, missing: &Option<Tensor<2>>, fill: &Option<Tensor<1>>) -> Tensor<2> {
        let x = x.clone();
        let [rows, width] = x.dims();
        let missing = missing.clone().unwrap_or_else(|| Tensor::zeros([rows, 1], (&x.device(), x.dtype())));
        if let Some(placeholder) = self.indicator {
            return indicator(x, missing, placeholder);
        }
        if let Some(table) = &self.missing {
            let fill = fill.clone().unwrap_or_else(|| Tensor::zeros([width], (&x.device(), x.dtype())));
            return table.forward(x, missing, fill);
        }
        if let Some(token) = &self.token {
            let mask = missing.greater_scalar(0.5).expand([rows, width]);
            return x.mask_where(mask, token.val().expand([rows, width]));
        }
        x
    }
}

impl SymileModel {
    /// Initial parameters from streams addressed by parameter name.
    pub fn new(spec: &ModelSpec, seed: Seed, place: &Place) -> Self {
        let init = Init::new(seed, place);
        let views = init.child("views");
        let encoder = |(m, view): (usize, &ViewSpec)| {
            ViewEncoder::new(view, spec.dim, spec.normalise, spec.placeholder, &views.child(&m.to_string()))
        };
        SymileModel {
            views: spec.views.iter().enumerate().map(encoder).collect(),
            logit_scale: init.constant([1], spec.log_scale),
        }
    }

    /// Normalised representations of every view, each `[B, d]`.
    ///
    /// # Errors
    /// As [`ViewEncoder::forward`].
    pub fn forward(&self, batch: &[ViewBatch], pass: Pass) -> Result<Vec<Tensor<2>>> {
        let each = self.views.iter().zip(batch).enumerate();
        each.map(|(m, (encoder, view))| encoder.forward(view, pass.child(&format!("view {m}")))).collect()
    }

    /// The log-scale `s`.
    ///
    /// # Errors
    /// When the device does not give it back.
    pub fn log_scale(&self) -> Result<f64> {
        let values = suffit_nn::parameter::collect(self)?;
        Ok(values.get("logit_scale").and_then(|s| s.to_f64().first().copied()).unwrap_or(f64::NAN))
    }
}
