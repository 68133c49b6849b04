// Commands that MathJax, its extensions and common packages of LaTeX have and KaTeX has not, in TeX: exactly or nearly.
// Where an author defines a name, the author's meaning holds.
export const DIALECT = String.raw`
% boxes and text
\gdef\mbox#1{\text{#1}} \gdef\textsc#1{\text{#1}} \gdef\framebox#1{\fbox{#1}} \gdef\Aboxed#1{\boxed{#1}}
\gdef\textllap#1{\llap{#1}} \gdef\textrlap#1{\rlap{#1}} \gdef\textclap#1{\clap{#1}} \gdef\vbox#1{\text{#1}}
\gdef\cramped#1{#1} \gdef\mathmbox#1{#1} \gdef\mathmakebox#1{#1} \gdef\ensuremath#1{#1} \gdef\shoveleft#1{#1} \gdef\shoveright#1{#1}
\gdef\crampedllap#1{\mathllap{#1}} \gdef\crampedrlap#1{\mathrlap{#1}} \gdef\crampedclap#1{\mathclap{#1}}
\gdef\strut{\vphantom{(}} \gdef\xmathstrut#1{\mathstrut} \gdef\MoveEqLeft{} \gdef\xspace{} \gdef\protect{} \gdef\adjustlimits{}
\gdef\allowdisplaybreaks{} \gdef\displaybreak{} \gdef\nonscript{} \gdef\hfil{\quad} \gdef\hfill{\quad} \gdef\hfilll{\quad}
\gdef\vspace{\@ifstar{\vspace@}{\vspace@}} \gdef\vspace@#1{} \gdef\Space#1#2#3{\hspace{#1}} \gdef\Rule#1#2#3{\rule{#1}{#2}}
\gdef\makebox{\@ifnextchar[{\makebox@}{\text}} \gdef\makebox@[#1]{\makebox} \gdef\parbox{\@ifnextchar[{\parbox@}{\parbox@@}} \gdef\parbox@[#1]{\parbox} \gdef\parbox@@#1#2{\text{#2}}
\gdef\scalebox#1#2{\text{#2}} \gdef\resizebox#1#2#3{\text{#3}} \gdef\uline#1{\underline{#1}} \gdef\noindent{} \gdef\centering{} \gdef\qedhere{\quad\square} \gdef\qed{\square}
\gdef\textsuperscript#1{\text{$^{\text{#1}}$}} \gdef\textsubscript#1{\text{$_{\text{#1}}$}} \gdef\boldmath$#1${"$"}{$\boldsymbol{#1}$}
\gdef\smashoperator{\@ifnextchar[{\smashoperator@}{}} \gdef\smashoperator@[#1]{} \gdef\leftroot#1{} \gdef\uproot#1{} \gdef\cline#1{\hline}
\gdef\mspace#1{\mkern#1} \gdef\skew#1#2#3{#2{#3}} \gdef\require#1{} \gdef\unskip{}
\gdef\usepackage{\@ifnextchar[{\usepackage@}{\usepackage@[]}} \gdef\usepackage@[#1]#2{}
\gdef\bbox{\@ifnextchar[{\bbox@}{\bbox@[]}} \gdef\bbox@[#1]#2{#2}
\gdef\unicode{\@ifnextchar[{\unicode@}{\unicode@[]}} \gdef\unicode@[#1]#2{\unicode@sign{#2}}
\gdef\class#1#2{#2} \gdef\cssId#1#2{#2} \gdef\style#1#2{#2} \gdef\mathtip#1#2{#1} \gdef\texttip#1#2{#1} \gdef\toggle#1#2\endtoggle{#1}
% letters
\gdef\mathds#1{\mathbb{#1}} \gdef\mathbbm#1{\mathbb{#1}} \gdef\bbm#1{\mathbb{#1}} \gdef\mathup#1{\mathrm{#1}} \gdef\scr{\mathscr}
\gdef\symup#1{\mathrm{#1}} \gdef\symrm#1{\mathrm{#1}} \gdef\symbf#1{\mathbf{#1}} \gdef\symit#1{\mathit{#1}} \gdef\symsf#1{\mathsf{#1}}
\gdef\symtt#1{\mathtt{#1}} \gdef\symbb#1{\mathbb{#1}} \gdef\symcal#1{\mathcal{#1}} \gdef\symscr#1{\mathscr{#1}} \gdef\symfrak#1{\mathfrak{#1}}
\gdef\symbfit#1{\bm{#1}} \gdef\mathbfit#1{\bm{#1}} \gdef\symbfup#1{\mathbf{#1}} \gdef\mathbfup#1{\mathbf{#1}}
\gdef\textsl#1{\textit{#1}} \gdef\sl{\it} \gdef\mit{\it} \gdef\mathpzc#1{\mathcal{#1}}
\gdef\mathbfcal#1{\bm{\mathcal{#1}}} \gdef\mathbfscr#1{\bm{\mathscr{#1}}} \gdef\mathbffrak#1{\bm{\mathfrak{#1}}} \gdef\Tiny{\tiny}
\gdef\upalpha{\alpha} \gdef\upbeta{\beta} \gdef\upgamma{\gamma} \gdef\updelta{\delta} \gdef\upepsilon{\epsilon} \gdef\upzeta{\zeta}
\gdef\upeta{\eta} \gdef\uptheta{\theta} \gdef\upiota{\iota} \gdef\upkappa{\kappa} \gdef\uplambda{\lambda} \gdef\upmu{\mu} \gdef\upnu{\nu}
\gdef\upxi{\xi} \gdef\upomicron{\omicron} \gdef\uppi{\pi} \gdef\uprho{\rho} \gdef\upsigma{\sigma} \gdef\uptau{\tau} \gdef\upupsilon{\upsilon}
\gdef\upphi{\phi} \gdef\upchi{\chi} \gdef\uppsi{\psi} \gdef\upomega{\omega} \gdef\upvarepsilon{\varepsilon} \gdef\upvartheta{\vartheta}
\gdef\upvarpi{\varpi} \gdef\upvarrho{\varrho} \gdef\upvarsigma{\varsigma} \gdef\upvarphi{\varphi} \gdef\Upgamma{\Gamma} \gdef\Updelta{\Delta}
\gdef\Uptheta{\Theta} \gdef\Uplambda{\Lambda} \gdef\Upxi{\Xi} \gdef\Uppi{\Pi} \gdef\Upsigma{\Sigma} \gdef\Upupsilon{\Upsilon}
\gdef\Upphi{\Phi} \gdef\Uppsi{\Psi} \gdef\Upomega{\Omega}
\gdef\part{\partial} \gdef\C{\mathbb{C}} \gdef\Q{\mathbb{Q}} \gdef\and{\land} \gdef\or{\lor} \gdef\euro{\text{€}}
\gdef\textdegree{\text{°}} \gdef\degC{\text{°C}} \gdef\ohm{\Omega} \gdef\celsius{\text{°C}} \gdef\perthousand{\text{‰}} \gdef\micro{\mu} \gdef\texteuro{\text{€}}
% signs
\gdef\mleft{\mathopen{}\left} \gdef\mright#1{\right#1\mathclose{}} \gdef\sp{^} \gdef\sb{_} \gdef\nsubset{\not\subset} \gdef\nsupset{\not\supset}
\gdef\llangle{\langle\!\langle} \gdef\rrangle{\rangle\!\rangle} \gdef\arrowvert{\vert} \gdef\bracevert{\vert} \gdef\slash{/} \gdef\vv#1{\overrightarrow{#1}}
\gdef\undertilde#1{\utilde{#1}} \gdef\underaccent#1#2{\underset{#1{}}{#2}} \gdef\accentset#1#2{\overset{#1}{#2}} \gdef\leftidx#1#2#3{{}#1#2#3}
\gdef\centernot#1{\mathrel{\cancel{#1}}}
\gdef\slashed#1{\not{#1}} \gdef\iddots{\mathinner{⋰}} \gdef\adots{\iddots} \gdef\idotsint{\int\!\cdots\!\int} \gdef\iiiint{\iint\!\!\iint}
\gdef\fint{\mathop{\rlap{$\kern0.28em{-}$}{\int}}\nolimits} \gdef\dashint{\fint} \gdef\bigtimes{\mathop{\Large\times}}
\gdef\nuparrow{\not\uparrow} \gdef\ndownarrow{\not\downarrow} \gdef\divsymbol{\div} \gdef\cdotp{\cdot} \gdef\ldotp{.}
\gdef\overparen#1{\overgroup{#1}} \gdef\underparen#1{\undergroup{#1}} \gdef\wideparen#1{\overgroup{#1}} \gdef\overarc#1{\overgroup{#1}}
\gdef\buildrel#1\over#2{\mathrel{\overset{#1}{#2}}} \gdef\stackbin#1#2{\mathbin{\overset{#1}{#2}}} \gdef\overunderset#1#2#3{\overset{#1}{\underset{#2}{#3}}}
\gdef\root#1\of#2{\sqrt[#1]{#2}} \gdef\nicefrac#1#2{{}^{#1}\!/_{#2}} \gdef\sfrac#1#2{{}^{#1}\!/_{#2}} \gdef\flatfrac#1#2{\left.#1\middle/#2\right.}
\gdef\splitfrac#1#2{\genfrac{}{}{0pt}{1}{#1}{#2}} \gdef\splitdfrac#1#2{\genfrac{}{}{0pt}{0}{#1}{#2}} \gdef\cancelto#1#2{\cancel{#2}^{#1}}
\gdef\prescript#1#2#3{{}^{#1}_{#2}#3} \gdef\sideset#1#2#3{\mathop{{\vphantom{#3}}#1#3\nolimits#2}\limits} \gdef\vdotswithin#1{\vdots} \gdef\shortvdotswithin#1{\vdots}
\gdef\arccot{\operatorname{arccot}} \gdef\arcsec{\operatorname{arcsec}} \gdef\arccsc{\operatorname{arccsc}} \gdef\sech{\operatorname{sech}}
\gdef\csch{\operatorname{csch}} \gdef\eqno(#1){\tag{#1}} \gdef\leqno(#1){\tag{#1}} \gdef\hdots{\ldots}
\gdef\longrightleftharpoons{\rightleftharpoons} \gdef\longleftrightarrows{\leftrightarrows}
% physics
\gdef\dd{\@ifnextchar[{\dd@n}{\@ifnextchar({\dd@p}{\@ifgroup{\dd@g}{\mathrm{d}}}}} \gdef\dd@n[#1]{\mathrm{d}^{#1}} \gdef\dd@p(#1){\mathop{}\!\mathrm{d}(#1)}
\gdef\dd@g#1{\mathop{}\!\mathrm{d}#1} \gdef\differential{\dd}
\gdef\dv{\@ifstar{\dv@s}{\@ifnextchar[{\dv@n}{\dv@a}}} \gdef\dv@s#1#2{\mathrm{d}#1/\mathrm{d}#2} \gdef\dv@n[#1]#2{\@ifgroup{\dv@nb{#1}{#2}}{\frac{\mathrm{d}^{#1}}{\mathrm{d}#2^{#1}}}}
\gdef\dv@nb#1#2#3{\frac{\mathrm{d}^{#1}#2}{\mathrm{d}#3^{#1}}} \gdef\dv@a#1{\@ifgroup{\dv@b{#1}}{\frac{\mathrm{d}}{\mathrm{d}#1}}}
\gdef\dv@b#1#2{\frac{\mathrm{d}#1}{\mathrm{d}#2}} \gdef\derivative{\dv}
\gdef\pdv{\@ifstar{\pdv@s}{\@ifnextchar[{\pdv@n}{\pdv@a}}} \gdef\pdv@s#1#2{\partial#1/\partial#2} \gdef\pdv@n[#1]#2{\@ifgroup{\pdv@nb{#1}{#2}}{\frac{\partial^{#1}}{\partial#2^{#1}}}}
\gdef\pdv@nb#1#2#3{\frac{\partial^{#1}#2}{\partial#3^{#1}}} \gdef\pdv@a#1{\@ifgroup{\pdv@b{#1}}{\frac{\partial}{\partial#1}}}
\gdef\pdv@b#1#2{\@ifgroup{\pdv@c{#1}{#2}}{\frac{\partial#1}{\partial#2}}} \gdef\pdv@c#1#2#3{\frac{\partial^{2}#1}{\partial#2\partial#3}}
\gdef\pderivative{\pdv} \gdef\partialderivative{\pdv} \gdef\fdv#1#2{\frac{\delta#1}{\delta#2}} \gdef\functionalderivative{\fdv} \gdef\var#1{\delta#1}
\gdef\abs{\@ifstar{\abs@}{\abs@@}} \gdef\abs@#1{\lvert#1\rvert} \gdef\abs@@#1{\left\lvert#1\right\rvert} \gdef\absolutevalue{\abs}
\gdef\norm{\@ifstar{\norm@}{\norm@@}} \gdef\norm@#1{\lVert#1\rVert} \gdef\norm@@#1{\left\lVert#1\right\rVert} \gdef\order#1{\mathcal{O}\left(#1\right)}
\gdef\qty{\@ifnextchar({\qty@p}{\@ifnextchar[{\qty@b}{\@ifnextchar|{\qty@v}{\qty@g}}}} \gdef\qty@p(#1){\left(#1\right)} \gdef\qty@b[#1]{\left[#1\right]} \gdef\qty@v|#1|{\left|#1\right|} \gdef\qty@g#1{\left\{#1\right\}}
\gdef\pqty#1{\left(#1\right)} \gdef\bqty#1{\left[#1\right]} \gdef\Bqty#1{\left\{#1\right\}} \gdef\vqty#1{\left|#1\right|} \gdef\quantity{\qty}
\gdef\eval{\@ifnextchar({\eval@p}{\@ifnextchar[{\eval@b}{\eval@g}}} \gdef\eval@g#1{\left.#1\right|} \gdef\eval@p(#1|{\left(#1\right|} \gdef\eval@b[#1|{\left[#1\right|} \gdef\evaluated{\eval}
\gdef\comm#1#2{\left[#1,#2\right]} \gdef\commutator{\comm} \gdef\acomm#1#2{\left\{#1,#2\right\}} \gdef\anticommutator{\acomm} \gdef\pb{\acomm} \gdef\poissonbracket{\acomm}
\gdef\vb{\@ifstar{\bm}{\mathbf}} \gdef\vectorbold{\vb} \gdef\va{\@ifstar{\va@}{\va@}} \gdef\va@#1{\vec{\mathbf{#1}}} \gdef\vu{\@ifstar{\vu@}{\vu@}} \gdef\vu@#1{\hat{\mathbf{#1}}} \gdef\vectorarrow{\va} \gdef\vectorunit{\vu}
\gdef\grad{\boldsymbol{\nabla}} \gdef\gradient{\grad} \gdef\curl{\boldsymbol{\nabla}\times} \gdef\divergence{\boldsymbol{\nabla}\cdot} \gdef\laplacian{\nabla^{2}} \gdef\vdot{\boldsymbol{\cdot}} \gdef\cross{\boldsymbol{\times}} \gdef\cp{\cross}
\gdef\ketbra#1#2{\ket{#1}\!\bra{#2}} \gdef\dyad#1{\@ifgroup{\ketbra{#1}}{\ketbra{#1}{#1}}} \gdef\outerproduct{\dyad} \gdef\op{\dyad} \gdef\Ketbra#1#2{\Ket{#1}\!\Bra{#2}}
\gdef\ip#1#2{\left\langle#1\middle|#2\right\rangle} \gdef\innerproduct{\ip} \gdef\ev#1{\@ifgroup{\ev@b{#1}}{\left\langle#1\right\rangle}} \gdef\ev@b#1#2{\left\langle#2\middle|#1\middle|#2\right\rangle} \gdef\expval{\ev} \gdef\expectationvalue{\ev}
\gdef\mel#1#2#3{\left\langle#1\middle|#2\middle|#3\right\rangle} \gdef\matrixel{\mel} \gdef\matrixelement{\mel}
\gdef\tr{\operatorname{tr}} \gdef\Tr{\operatorname{Tr}} \gdef\trace{\tr} \gdef\Trace{\Tr} \gdef\rank{\operatorname{rank}} \gdef\erf{\operatorname{erf}} \gdef\Res{\operatorname{Res}} \gdef\PV{\operatorname{P.V.}}
\gdef\qq{\@ifstar{\qq@s}{\qq@}} \gdef\qq@#1{\quad\text{#1}\quad} \gdef\qq@s#1{\text{#1}\quad} \gdef\qqtext{\qq} \gdef\qcomma{,\quad} \gdef\qc{,\quad} \gdef\qif{\qq{if}} \gdef\qthen{\qq{then}} \gdef\qelse{\qq{else}} \gdef\qotherwise{\qq{otherwise}}
\gdef\qand{\qq{and}} \gdef\qor{\qq{or}} \gdef\qfor{\qq{for}} \gdef\qall{\qq{all}} \gdef\qwhere{\qq{where}} \gdef\qas{\qq{as}} \gdef\qin{\qq{in}} \gdef\qgiven{\qq{given}} \gdef\qlet{\qq{let}} \gdef\qsince{\qq{since}} \gdef\qusing{\qq{using}}
\gdef\mqty{\@ifnextchar({\mqty@p}{\@ifnextchar[{\mqty@b}{\@ifnextchar|{\mqty@v}{\mqty@g}}}} \gdef\mqty@g#1{\begin{matrix}#1\end{matrix}} \gdef\mqty@p(#1){\begin{pmatrix}#1\end{pmatrix}} \gdef\mqty@b[#1]{\begin{bmatrix}#1\end{bmatrix}} \gdef\mqty@v|#1|{\begin{vmatrix}#1\end{vmatrix}}
\gdef\pmqty#1{\begin{pmatrix}#1\end{pmatrix}} \gdef\bmqty#1{\begin{bmatrix}#1\end{bmatrix}} \gdef\vmqty#1{\begin{vmatrix}#1\end{vmatrix}} \gdef\mdet#1{\begin{vmatrix}#1\end{vmatrix}} \gdef\smqty#1{\begin{smallmatrix}#1\end{smallmatrix}}
`;
